// oidc-provider, certified by the OpenID Foundation, with everything switched on that a client may meet.
//   default   what a client asks for is what it gets
//   nonce     a DPoP proof without the server's nonce is refused, everywhere
//   fapi2     the FAPI 2.0 Security Profile
import { X509Certificate, createHash, generateKeyPairSync } from 'node:crypto';
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

const signingKeys = [['ec', { namedCurve: 'P-256' }], ['rsa', { modulusLength: 2048 }], ['ed25519', {}]].map(
  ([type, options]) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', kid: type }));

const certificateOf = (ctx) => {
  const raw = ctx.socket.getPeerCertificate?.()?.raw;
  return raw && new X509Certificate(raw);
};
const self = new X509Certificate(pki.self.cert);
const selfKey = {
  ...self.publicKey.export({ format: 'jwk' }), kid: 'self', x5c: [self.raw.toString('base64')],
  'x5t#S256': createHash('sha256').update(self.raw).digest('base64url'),
};
const { registered, keys, secret } = clients(selfKey, profile === 'fapi2');

const aliases = {
  token_endpoint: 'token', revocation_endpoint: 'token/revocation', introspection_endpoint: 'token/introspection',
  userinfo_endpoint: 'me', pushed_authorization_request_endpoint: 'request', device_authorization_endpoint: 'device/auth',
};

const provider = new Provider(issuer, {
  clients: registered,
  jwks: { keys: signingKeys },
  cookies: { keys: ['a key for cookies'] },
  scopes: ['openid', 'offline_access', 'api:read', 'api:write'],
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none',
    'tls_client_auth', 'self_signed_tls_client_auth'],
  discovery: { mtls_endpoint_aliases: Object.fromEntries(
    Object.entries(aliases).map(([name, path]) => [name, `${mtls.url}/${path}`])) },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  // The old refresh token is good no more once it was used, and using it again revokes them all.
  rotateRefreshToken: true,
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => profile === 'nonce' },
    fapi: { enabled: profile === 'fapi2', profile: '2.0' },
    introspection: { enabled: true },
    jwtIntrospection: { enabled: true },
    jwtResponseModes: { enabled: true },
    mTLS: {
      enabled: true, certificateBoundAccessTokens: true, selfSignedTlsClientAuth: true, tlsClientAuth: true,
      getCertificate: certificateOf,
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) =>
        property === 'tls_client_auth_san_dns' && certificateOf(ctx)?.subjectAltName === `DNS:${expected}`,
    },
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
provider.on('server_error', (ctx, error) => console.error(error));

front.handle(provider.callback());
mtls.handle(provider.callback());
resourceServer.handle(api(resourceServer.url, {
  issuer, client: 'basic', secret, jwks: `${issuer}/jwks`, introspection: `${issuer}/token/introspection` }));
ready({ issuer, api: resourceServer.url, mtls: mtls.url, secret, keys, ca: pki.ca, certificates: { client: pki.client, self: pki.self } });
