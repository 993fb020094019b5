/*
 * Copyright (C) llm-policy authors
 *
 * Verifies JSON Web Tokens (RFC 7519) for jwt.conf: the signature with HS256 or
 * RS256 (RFC 7518), "exp", "nbf", "aud", and "iss" if one is expected.
 *
 * The keys are a JSON Web Key Set (RFC 7517).  Each has an "alg", and only that
 * algorithm is used with it, whatever a token claims.  njs has no JWK for RSA
 * keys before 0.7.10, so that they are converted.
 */

/* longest token, in bytes */
const tokenMax = 4096;

/* difference of clocks that is accepted, in seconds */
const leeway = 30;

const algorithms = {
    HS256: {
        kty: 'oct',
        name: { name: 'HMAC', hash: 'SHA-256' },
        format: 'raw',
        key: (jwk) => bytes(jwk.k),
    },
    RS256: {
        kty: 'RSA',
        name: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
        format: 'spki',
        key: (jwk) => publicKey(bytes(jwk.n), bytes(jwk.e)),
    },
};

/* names of tenants and tiers, as they stand in header fields */
const visible = /^[\x21-\x7e]{1,128}$/;


/*
 * Responds with 204 and the fields X-LLM-Tenant and X-LLM-Tier, or with 401.
 * The reason is logged; a client that has no valid token does not learn it.
 */

async function authorize(r) {
    let claims;

    try {
        claims = await verify(token(r), r.variables);

    } catch (e) {
        r.log(`JWT refused: ${e.message}`);
        r.headersOut['WWW-Authenticate'] = 'Bearer';
        r.return(401);
        return;
    }

    r.headersOut['X-LLM-Tenant'] = name(claims.tenant);
    r.headersOut['X-LLM-Tier'] = name(claims.tier);
    r.return(204);
}


function token(r) {
    const field = r.headersIn.Authorization || '';
    const match = /^Bearer +([\w.-]+)$/i.exec(field);

    check(match, 'no bearer token');
    check(match[1].length <= tokenMax, 'the token is too long');

    return match[1];
}


async function verify(text, variables) {
    const parts = text.split('.');
    const signed = parts.slice(0, 2).join('.');

    check(parts.length === 3, 'it has no three parts');

    const header = object(parts[0], 'header');
    const jwk = findKey(header);
    const algorithm = algorithms[jwk.alg];

    check(header.alg === jwk.alg, 'its algorithm is not that of the key');
    check(header.crit === undefined, 'it has critical extensions');

    const key = await crypto.subtle.importKey(algorithm.format,
                                              algorithm.key(jwk),
                                              algorithm.name, false,
                                              ['verify']);

    const valid = await crypto.subtle.verify(algorithm.name, key,
                                             bytes(parts[2]),
                                             Buffer.from(signed));

    check(valid, 'the signature is wrong');

    const claims = object(parts[1], 'payload');

    checkClaims(claims, variables);

    return claims;
}


/* returns the key that a header names, or the only one */

function findKey(header) {
    const keys = [];

    /* a preloaded array has no methods */

    for (let i = 0; i < jwks.keys.length; i++) {
        if (header.kid === undefined || jwks.keys[i].kid === header.kid) {
            keys.push(jwks.keys[i]);
        }
    }

    check(keys.length === 1, 'the key is not known');

    const algorithm = algorithms[keys[0].alg];

    check(algorithm && algorithm.kty === keys[0].kty,
          'the key is not for HS256 or RS256');

    return keys[0];
}


function checkClaims(claims, variables) {
    const now = Date.now() / 1000;
    const audience = [].concat(claims.aud);

    check(typeof claims.exp === 'number', 'it has no time of expiry');
    check(claims.exp > now - leeway, 'it has expired');

    check(claims.nbf === undefined || claims.nbf <= now + leeway,
          'it is not yet valid');

    check(variables.jwt_audience && audience.includes(variables.jwt_audience),
          'it is for another audience');

    check(!variables.jwt_issuer || claims.iss === variables.jwt_issuer,
          'it is from another issuer');
}


/* returns a claim that can be a header field; an absent one is empty */

function name(claim) {
    return (typeof claim === 'string' && visible.test(claim)) ? claim : '';
}


function object(part, what) {
    let value;

    try {
        value = JSON.parse(bytes(part).toString());

    } catch (e) {
        /* the text of the error can contain the token's */
        value = null;
    }

    check(value && typeof value === 'object' && !Array.isArray(value),
          `its ${what} is no JSON object`);

    return value;
}


function bytes(text) {
    check(typeof text === 'string' && /^[\w-]+$/.test(text),
          'it is not base64url');

    return Buffer.from(text, 'base64url');
}


/* returns an RSA public key in DER: SubjectPublicKeyInfo (RFC 5280) */

function publicKey(n, e) {
    const rsaEncryption = Buffer.from('06092a864886f70d0101010500', 'hex');
    const key = der(0x30, Buffer.concat([integer(n), integer(e)]));

    return der(0x30, Buffer.concat([
        der(0x30, rsaEncryption),
        der(0x03, Buffer.concat([Buffer.from([0]), key])),
    ]));
}


/* a first bit of 1 would be a sign */

function integer(value) {
    return der(0x02, (value[0] & 0x80)
                     ? Buffer.concat([Buffer.from([0]), value]) : value);
}


function der(tag, content) {
    const n = content.length;
    const length = n < 0x80 ? [n]
                   : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 0xff];

    return Buffer.concat([Buffer.from([tag].concat(length)), content]);
}


function check(condition, message) {
    if (!condition) {
        throw new Error(message);
    }
}


export default { authorize };
