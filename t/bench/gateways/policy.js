// A simple script as one might write it instead of the module: it limits the
// temperature and ignores everything else.

async function police(r) {
    let body;

    try {
        body = JSON.parse(r.requestText);

    } catch (e) {
        r.return(400);
        return;
    }

    if (typeof body.temperature === 'number' && body.temperature > 1) {
        body.temperature = 1;
    }

    const answer = await r.subrequest('/upstream' + r.uri, {
        method: 'POST', body: JSON.stringify(body),
    });

    r.headersOut['Content-Type'] = answer.headersOut['Content-Type'];
    r.return(answer.status, answer.responseText);
}

export default { police };
