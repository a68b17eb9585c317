// The realm of keycloak.mjs, as Keycloak imports it: one client for each way to authenticate, or to be bound.
import { signingKeys } from './clients.mjs';

const CALLBACK = 'https://client.example/callback';

/** The realm's file, the private keys of the clients that sign, and the secret of those that have one. */
export function realm(name, api) {
  const secret = 'a secret: with + % / & = and 32 bytes';
  const { keys, jwks } = signingKeys();

  const client = (clientId, { attributes, ...rest }) => ({
    clientId, protocol: 'openid-connect', redirectUris: [CALLBACK], standardFlowEnabled: true, fullScopeAllowed: true,
    directAccessGrantsEnabled: false, defaultClientScopes: ['basic'], optionalClientScopes: ['offline_access', 'api:read', 'api:write'],
    ...rest,
    attributes: { 'access.token.header.type.rfc9068': 'true', ...attributes },
  });
  const confidential = (id, attributes = {}, rest = {}) => client(id, {
    clientAuthenticatorType: 'client-secret', secret, serviceAccountsEnabled: true, ...rest,
    attributes: {
      'oauth2.device.authorization.grant.enabled': 'true', 'standard.token.exchange.enabled': 'true',
      'standard.token.exchange.enableRefreshRequestedTokenType': 'SAME_SESSION', ...attributes,
    },
  });
  const signing = (id, alg, attributes = {}) => confidential(id, {
    'token.endpoint.auth.signing.alg': alg, 'use.jwks.string': 'true', 'jwks.string': JSON.stringify(jwks(alg)), ...attributes,
  }, { clientAuthenticatorType: 'client-jwt', secret: undefined });

  const generated = (providerId, config = {}) => ({ name: providerId, providerId, config: { priority: ['100'], ...config } });
  const scope = (scopeName, protocolMappers = []) => ({
    name: scopeName, protocol: 'openid-connect', attributes: { 'include.in.token.scope': 'true' },
    protocolMappers: protocolMappers.map((mapper) => ({ protocol: 'openid-connect', ...mapper })),
  });
  const audience = { name: 'audience', protocolMapper: 'oidc-audience-mapper', config: {
    'included.custom.audience': `${api}/jwt`, 'access.token.claim': 'true', 'introspection.token.claim': 'true' } };
  // Whoever asks about a token must be among those that it is for.
  const asker = (id) => ({ name: `asked by ${id}`, protocolMapper: 'oidc-audience-mapper', config: {
    'included.client.audience': id, 'access.token.claim': 'true', 'introspection.token.claim': 'true' } });
  const subject = { name: 'sub', protocolMapper: 'oidc-sub-mapper', config: {
    'access.token.claim': 'true', 'introspection.token.claim': 'true' } };

  const file = {
    realm: name, enabled: true, sslRequired: 'external',
    // A refresh token is good once.
    revokeRefreshToken: true, refreshTokenMaxReuse: 0,
    // As often as a device may ask.
    oauth2DevicePollingInterval: 1,
    components: { 'org.keycloak.keys.KeyProvider': [
      generated('rsa-generated'), generated('ecdsa-generated', { ecdsaEllipticCurveKey: ['P-256'] }),
      generated('eddsa-generated'), generated('hmac-generated', { algorithm: ['HS512'] }), generated('aes-generated'),
    ] },
    clientScopes: [
      { ...scope('basic', [subject]), attributes: { 'include.in.token.scope': 'false' } },
      scope('offline_access'), scope('api:read', [audience, asker('basic')]), scope('api:write', [audience]),
    ],
    clients: [
      confidential('basic'),
      // Not what it was before it is form-encoded for Basic (RFC 6749 §2.3.1).
      confidential('odd:id +%/'),
      confidential('secret-jwt', { 'token.endpoint.auth.signing.alg': 'HS256' }, { clientAuthenticatorType: 'client-secret-jwt' }),
      ...Object.keys(keys).map((alg) => signing(`signs-${alg}`, alg)),
      client('native', { publicClient: true, redirectUris: ['http://127.0.0.1/callback'],
        attributes: { 'pkce.code.challenge.method': 'S256' } }),
      // A client that must use PKCE must do so in device requests too, here; RFC 8628 knows none.
      client('television', { publicClient: true, redirectUris: [], standardFlowEnabled: false,
        attributes: { 'oauth2.device.authorization.grant.enabled': 'true' } }),
      confidential('asks', {}, { consentRequired: true }),
      confidential('dpop', { 'dpop.bound.access.tokens': 'true' }),
      confidential('par', { 'require.pushed.authorization.requests': 'true' }),
      signing('jar', 'ES256', { 'request.object.required': 'request or request_uri', 'request.object.signature.alg': 'ES256' }),
      // Keycloak puts `iss` into a signed response twice, as a claim and as the parameter of RFC 9207, unless it is told not to.
      confidential('jarm', { 'authorization.signed.response.alg': 'ES256', 'exclude.issuer.from.auth.response': 'true' }),
      confidential('jarm-iss-twice', { 'authorization.signed.response.alg': 'ES256' }),
      confidential('target'),
    ],
    roles: { realm: [{ name: 'offline_access' }] },
    users: [{
      id: 'alice', username: 'alice', enabled: true, email: 'alice@client.example', emailVerified: true,
      firstName: 'Alice', lastName: 'Liddell', credentials: [{ type: 'password', value: 'wonderland' }],
      realmRoles: ['offline_access'],
    }],
  };
  return { file, keys, secret };
}
