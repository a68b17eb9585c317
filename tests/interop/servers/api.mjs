// An API behind an authorization server: it answers with what it learned of the token, so that a test sees what was asked for.
//   /opaque   asks the server what a token is (RFC 7662)
//   /jwt      reads it (RFC 9068)
// A token with which either is sent DELETE is refused from then on.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { answer } from './rig.mjs';

/** Where the server is asked, and as which client. */
export function api(url, { issuer, jwks, introspection, client, secret }) {
  const keys = createRemoteJWKSet(new URL(jwks));
  const basic = `Basic ${Buffer.from(`${client}:${encodeURIComponent(secret)}`).toString('base64')}`;

  async function introspected(token) {
    const response = await fetch(introspection, {
      method: 'POST', headers: { authorization: basic }, body: new URLSearchParams({ token }) });
    const told = await response.json();
    if (!told.active) throw new Error('the token is not active');
    return told;
  }

  async function read(token) {
    return (await jwtVerify(token, keys, { issuer, audience: `${url}/jwt`, typ: 'at+jwt', algorithms: ['ES256', 'RS256'] })).payload;
  }

  const refused = new Set();
  return async (request, response) => {
    const ask = { '/opaque': introspected, '/jwt': read }[request.url];
    if (!ask) return answer(response, 404, { error: 'there is nothing here' });
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    if (!token) return answer(response, 401, {}, { 'www-authenticate': 'Bearer' });
    try {
      const told = await ask(token);
      // A bound token is for whoever proves to be the one it was issued to, which this API cannot hear.
      if (scheme.toLowerCase() !== 'bearer' || told.cnf) throw new Error('the token is bound');
      if (refused.has(token)) throw new Error('the token is refused here');
      if (request.method === 'DELETE') refused.add(token);
      return answer(response, 200, told);
    } catch (error) {
      const why = error.message.replace(/[^ -~]|["\\]/g, '?');
      return answer(response, 401, {}, { 'www-authenticate': `Bearer error="invalid_token", error_description="${why}"` });
    }
  };
}
