-- A simple script as one might write it instead of the module: it limits the
-- temperature and ignores everything else.

local cjson = require "cjson.safe"

ngx.req.read_body()

local body = cjson.decode(ngx.req.get_body_data() or "")

if type(body) ~= "table" then
    return ngx.exit(400)
end

if type(body.temperature) == "number" and body.temperature > 1 then
    body.temperature = 1
end

ngx.req.set_body_data(cjson.encode(body))
