// What somebody would write in place of the module: the temperature is held to
// a maximum, and nothing else is looked at.

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
