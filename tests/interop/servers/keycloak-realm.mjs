// The realm of keycloak.mjs, as Keycloak imports it: one client for each way to authenticate, or to be bound.
import { encryptionKeys, signingKeys } from './clients.mjs';

const CALLBACK = 'https://client.example/callback';

const flow = (alias, executions, rest = {}) => ({
  alias, providerId: 'basic-flow', topLevel: false, builtIn: false, ...rest,
  authenticationExecutions: executions.map((execution, place) => ({
    requirement: 'REQUIRED', priority: 10 * place, authenticatorFlow: 'flowAlias' in execution, ...execution })),
});
const level = (name, loa, lasts, authenticator) => ({
  config: { alias: name, config: { 'loa-condition-level': `${loa}`, 'loa-max-age': `${lasts}` } },
  flow: flow(name, [
    { authenticator: 'conditional-level-of-authentication', authenticatorConfig: name }, { authenticator }]),
});
// Somebody who is known by a cookie may have to show more: the better level asks for the password once more, each time.
const STEP_UP = 'step-up';
const LEVELS = [level('silver', 1, 36000, 'auth-username-password-form'), level('gold', 2, 0, 'auth-password-form')];

/** The realm's file, the private keys of the clients that sign or decrypt, and the secret of those that have one. */
export function realm(name, api) {
  const secret = 'a secret: with + % / & = and 32 bytes';
  const { keys, jwks } = signingKeys();
  const { keys: decryption, jwks: encryptedTo } = encryptionKeys();

  const client = (clientId, { attributes, ...rest }) => ({
    clientId, protocol: 'openid-connect', redirectUris: [CALLBACK], standardFlowEnabled: true, fullScopeAllowed: true,
    directAccessGrantsEnabled: false, defaultClientScopes: ['basic'], optionalClientScopes: ['offline_access', 'email', 'api:read', 'api:write'],
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
  const encrypted = (id, alg, attributes) => confidential(id, {
    'use.jwks.string': 'true', 'jwks.string': JSON.stringify(encryptedTo(alg)), ...attributes });
  // Held to one of the profiles that are in the server, which fill in what is here when a client is registered by hand.
  const fapi = (id, kind, attributes = {}) => {
    const { fullScopeAllowed, ...rest } = signing(id, 'ES256', {
      fapi: kind, 'id.token.signed.response.alg': 'ES256', 'access.token.signed.response.alg': 'ES256',
      'dpop.bound.access.tokens': 'true', ...attributes,
    });
    return { ...rest, fullScopeAllowed: false, consentRequired: true };
  };
  const policy = (kind, profileName) => ({
    name: kind, enabled: true, profiles: [profileName],
    conditions: [{ condition: 'client-attributes', configuration: {
      'is-negative-logic': false, attributes: JSON.stringify([{ key: 'fapi', value: kind }]) } }],
  });

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
  const claim = (protocolMapper, config) => ({ name: config['claim.name'] ?? protocolMapper, protocolMapper, config: {
    'id.token.claim': 'true', 'access.token.claim': 'true', 'introspection.token.claim': 'true', ...config } });
  const authTime = claim('oidc-usersessionmodel-note-mapper', {
    'user.session.note': 'AUTH_TIME', 'claim.name': 'auth_time', 'jsonType.label': 'long' });
  const acr = claim('oidc-acr-mapper', {});
  const email = claim('oidc-usermodel-attribute-mapper', {
    'user.attribute': 'email', 'claim.name': 'email', 'jsonType.label': 'String', 'userinfo.token.claim': 'true' });

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
      { ...scope('basic', [subject, authTime, acr]), attributes: { 'include.in.token.scope': 'false' } },
      scope('offline_access'), scope('email', [email]), scope('api:read', [audience, asker('basic')]), scope('api:write', [audience]),
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
      encrypted('encrypted-RSA-OAEP-256-A256GCM', 'RSA-OAEP-256', {
        'id.token.encrypted.response.alg': 'RSA-OAEP-256', 'id.token.encrypted.response.enc': 'A256GCM' }),
      encrypted('encrypted-ECDH-ES+A128KW-A128CBC-HS256', 'ECDH-ES+A128KW', {
        'id.token.encrypted.response.alg': 'ECDH-ES+A128KW', 'id.token.encrypted.response.enc': 'A128CBC-HS256' }),
      confidential('user-info-signed', { 'user.info.response.signature.alg': 'ES256' }),
      encrypted('user-info-encrypted', 'RSA-OAEP-256', {
        'user.info.response.signature.alg': 'ES256', 'user.info.encrypted.response.alg': 'RSA-OAEP-256',
        'user.info.encrypted.response.enc': 'A256GCM' }),
      confidential('hybrid', {}, { implicitFlowEnabled: true }),
      fapi('fapi2', 'security'),
      fapi('fapi2-signed', 'signing', {
        'request.object.signature.alg': 'ES256',
        'authorization.signed.response.alg': 'ES256', 'exclude.issuer.from.auth.response': 'true' }),
      confidential('step-up', {}, { authenticationFlowBindingOverrides: { browser: STEP_UP } }),
    ],
    clientPolicies: { policies: [
      policy('security', 'fapi-2-dpop-security-profile'), policy('signing', 'fapi-2-dpop-message-signing')] },
    // For every client: without the flow, a login reaches the first.
    attributes: { 'acr.loa.map': JSON.stringify({ silver: 1, gold: 2 }) },
    authenticationFlows: [
      flow(STEP_UP, [
        { authenticator: 'auth-cookie', requirement: 'ALTERNATIVE' },
        { flowAlias: 'levels', requirement: 'ALTERNATIVE' },
      ], { id: STEP_UP, topLevel: true }),
      flow('levels', LEVELS.map(({ flow: { alias } }) => ({ flowAlias: alias, requirement: 'CONDITIONAL' }))),
      ...LEVELS.map((one) => one.flow),
    ],
    authenticatorConfig: LEVELS.map((one) => one.config),
    roles: { realm: [{ name: 'offline_access' }] },
    users: [{
      id: 'alice', username: 'alice', enabled: true, email: 'alice@client.example', emailVerified: true,
      firstName: 'Alice', lastName: 'Liddell', credentials: [{ type: 'password', value: 'wonderland' }],
      realmRoles: ['offline_access'],
      // Of two first consents at one moment this server keeps two, and finds neither from then on.
      clientConsents: ['asks', 'fapi2', 'fapi2-signed'].map((clientId) => ({ clientId, grantedClientScopes: ['basic'] })),
    }],
  };
  return { file, keys, decryption, secret };
}
