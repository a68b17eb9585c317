// oidc-provider, certified by the OpenID Foundation, with everything switched on that a client may meet.
//   default   what a client asks for is what it gets; the client `fapi1` is held to FAPI 1.0 Advanced
//   nonce     a DPoP proof without the server's nonce is refused, everywhere
//   fapi2     the FAPI 2.0 Security Profile
import { X509Certificate, createHash, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { Provider, errors } from 'oidc-provider';
import { api } from './api.mjs';
import { authority } from './certificates.mjs';
import { clients } from './clients.mjs';
import { addTokenExchange } from './token-exchange.mjs';
import { listen, ready } from './rig.mjs';

const profile = process.argv[2];
const pki = await authority();
const { cert, key } = pki.server;
const front = await listen();
// The same server for clients with a certificate; whether it is a good one is the provider's to say.
const mtls = await listen({ cert, key, ca: pki.ca, requestCert: true, rejectUnauthorized: false });
const resourceServer = await listen();
const issuer = front.url;

const JWT_API = `${resourceServer.url}/jwt`;
const OPAQUE_API = `${resourceServer.url}/opaque`;
const scope = 'api:read api:write';
const resources = {
  [JWT_API]: { scope, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } },
  [OPAQUE_API]: { scope, accessTokenFormat: 'opaque' },
};

// The last is for requests that are encrypted to the server.
const keysOfServer = [
  ['P-256', 'ec', { namedCurve: 'P-256' }], ['P-384', 'ec', { namedCurve: 'P-384' }], ['rsa', 'rsa', { modulusLength: 2048 }],
  ['ed25519', 'ed25519', {}], ['encryption', 'ec', { namedCurve: 'P-256' }],
].map(([kid, type, options]) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: kid === 'encryption' ? 'enc' : 'sig', kid }));

// Where a person lives, their bank says, in its own name.
const banksKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const bank = {
  issuer: 'https://bank.example', jwk: { ...banksKey.publicKey.export({ format: 'jwk' }), kid: 'bank', alg: 'ES256' },
  says: (sub) => new SignJWT({ sub, address: { locality: 'Oxford' }, name: 'nobody asked the bank for this' })
    .setProtectedHeader({ alg: 'ES256', kid: 'bank' }).setIssuer('https://bank.example').setIssuedAt().setExpirationTime('1h')
    .sign(banksKey.privateKey),
};

// What is known of a person, and how well they show who they are: better, if the client asks for that.
const person = async (sub) => ({
  sub, name: 'Alice Liddell', email: `${sub}@client.example`, email_verified: true, locale: 'en-GB',
  _claim_names: { address: 'bank' }, _claim_sources: { bank: { JWT: await bank.says(sub) } } });
const BY_PASSWORD = 'urn:example:password', BY_KEY = 'urn:example:key';
const shown = { [BY_PASSWORD]: ['pwd'], [BY_KEY]: ['pwd', 'hwk'] };

const certificateOf = (ctx) => {
  const raw = ctx.socket.getPeerCertificate?.()?.raw;
  return raw && new X509Certificate(raw);
};
const self = new X509Certificate(pki.self.cert);
const selfKey = {
  ...self.publicKey.export({ format: 'jwk' }), kid: 'self', x5c: [self.raw.toString('base64')],
  'x5t#S256': createHash('sha256').update(self.raw).digest('base64url'),
};
const { registered, keys, decryption, secret } = clients(selfKey, profile === 'fapi2');

const aliases = {
  token_endpoint: 'token', revocation_endpoint: 'token/revocation', introspection_endpoint: 'token/introspection',
  userinfo_endpoint: 'me', pushed_authorization_request_endpoint: 'request', device_authorization_endpoint: 'device/auth',
};

const provider = new Provider(issuer, {
  clients: registered,
  jwks: { keys: keysOfServer },
  cookies: { keys: ['a key for cookies'] },
  acrValues: Object.keys(shown),
  claims: {
    acr: null, amr: null, auth_time: null, iss: null, sid: null,
    openid: ['sub'], profile: ['name', 'locale'], email: ['email', 'email_verified'], address: ['address'],
  },
  // Beside what is usual.
  enabledJWA: {
    idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'HS256'],
    ...Object.fromEntries(['idToken', 'userinfo', 'introspection', 'authorization', 'requestObject'].map(
      (what) => [`${what}EncryptionAlgValues`, Object.keys(decryption)])),
  },
  scopes: ['openid', 'offline_access', 'api:read', 'api:write'],
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none',
    'tls_client_auth', 'self_signed_tls_client_auth'],
  discovery: { mtls_endpoint_aliases: Object.fromEntries(
    Object.entries(aliases).map(([name, path]) => [name, `${mtls.url}/${path}`])) },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => person(id) }),
  // What it asks and tells by itself goes to this computer here, which its own dispatcher keeps it from.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  // The old refresh token is good no more once it was used, and using it again revokes them all.
  rotateRefreshToken: true,
  features: {
    backchannelLogout: { enabled: true },
    claimsParameter: { enabled: true },
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => profile === 'nonce' },
    encryption: { enabled: true },
    fapi: {
      enabled: true,
      profile: (ctx, client) => (profile === 'fapi2' ? '2.0' : client?.clientId === 'fapi1' ? '1.0 Final' : undefined),
    },
    introspection: { enabled: true },
    jwtIntrospection: { enabled: true },
    jwtResponseModes: { enabled: true },
    jwtUserinfo: { enabled: true },
    mTLS: {
      enabled: true, certificateBoundAccessTokens: true, selfSignedTlsClientAuth: true, tlsClientAuth: true,
      getCertificate: certificateOf,
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) =>
        property === 'tls_client_auth_san_dns' && certificateOf(ctx)?.subjectAltName === `DNS:${expected}`,
    },
    // Applications that are told of a log-out have a port that nobody knows before.
    registration: { enabled: true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: profile === 'fapi2' },
    requestObjects: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx, client, oneOf) => oneOf?.[0],
      useGrantedResource: () => false,
      getResourceServerInfo(ctx, indicator) {
        if (!resources[indicator]) throw new errors.InvalidTarget();
        return resources[indicator];
      },
    },
    revocation: { enabled: true },
    richAuthorizationRequests: {
      enabled: true,
      types: { payment: { validate(ctx, detail) {
        if (!detail.amount) throw new errors.InvalidAuthorizationDetails('amount is missing');
      } } },
      authorizationDetailsForGrantSource: (ctx) => JSON.parse(ctx.oidc.params.authorization_details ?? 'null') ?? undefined,
      authorizationDetailsForAccessToken: (ctx, token, source) => source?.rar,
      authorizationDetailsForIntrospection: (ctx, token) => token.rar,
    },
    userinfo: { enabled: true },
  },
});
addTokenExchange(provider);
// Its own pages log a person in and say nothing of how.
const { interactionFinished } = provider;
provider.interactionFinished = async function (request, response, result, options) {
  if (result.login) {
    const { params } = await this.interactionDetails(request, response);
    const acr = `${params.acr_values} ${params.claims}`.includes(BY_KEY) ? BY_KEY : BY_PASSWORD;
    Object.assign(result.login, { acr, amr: shown[acr] });
  }
  return interactionFinished.call(this, request, response, result, options);
};
provider.on('server_error', (ctx, error) => console.error(error));
provider.on('backchannel.error', (ctx, error) => console.error(error));

front.handle(provider.callback());
mtls.handle(provider.callback());
resourceServer.handle(api(resourceServer.url, {
  issuer, client: 'basic', secret, jwks: `${issuer}/jwks`, introspection: `${issuer}/token/introspection` }));
ready({
  issuer, api: resourceServer.url, mtls: mtls.url, secret, keys, decryption, bank: { issuer: bank.issuer, jwk: bank.jwk },
  ca: pki.ca, certificates: { client: pki.client, self: pki.self } });
