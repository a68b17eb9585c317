// The clients that are registered at oidc-provider: one for each way to authenticate, or to be bound.
import { generateKeyPairSync } from 'node:crypto';

const TYPES = {
  RS256: ['rsa', { modulusLength: 2048 }], PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }], EdDSA: ['ed25519', {}],
};

/** A private key for each algorithm that clients sign with, and what a server is told of the one for an algorithm. */
export function signingKeys() {
  const keys = Object.fromEntries(Object.entries(TYPES).map(([alg, [type, options]]) => [
    alg, { ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid: `key-${alg}`, alg, use: 'sig' }]));
  const jwks = (alg) => {
    const { kty, crv, x, y, n, e, kid } = keys[alg];
    return { keys: [{ kty, crv, x, y, n, e, kid, alg, use: 'sig' }] };
  };
  return { keys, jwks };
}

/** Under FAPI 2.0 every token is bound. The registrations, the private keys of the clients that sign, and the secret of those that have one. */
export function clients(selfSignedKey, fapi) {
  const secret = 'a secret: with + % / & = and 32 bytes';
  const { keys, jwks } = signingKeys();

  const common = {
    redirect_uris: ['https://client.example/callback'],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code', 'urn:ietf:params:oauth:grant-type:token-exchange'],
    authorization_details_types: ['payment'],
  };
  const confidential = { ...common, client_secret: secret };
  const registered = [
    { ...confidential, client_id: 'basic' },
    // Not what it was before it is form-encoded for Basic (RFC 6749 §2.3.1).
    { ...confidential, client_id: 'odd:id +%/' },
    { ...confidential, client_id: 'post', token_endpoint_auth_method: 'client_secret_post' },
    { ...confidential, client_id: 'secret-jwt', token_endpoint_auth_method: 'client_secret_jwt' },
    ...Object.keys(keys).map((alg) => ({
      ...common, client_id: `signs-${alg}`, token_endpoint_auth_method: 'private_key_jwt', dpop_bound_access_tokens: fapi,
      token_endpoint_auth_signing_alg: alg, jwks: jwks(alg) })),
    { ...common, client_id: 'native', application_type: 'native', token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'], grant_types: common.grant_types.filter((type) => type !== 'client_credentials') },
    { ...common, client_id: 'certified', token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'client.example', tls_client_certificate_bound_access_tokens: true },
    { ...common, client_id: 'self-signed', token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: { keys: [selfSignedKey] }, tls_client_certificate_bound_access_tokens: true },
    { ...confidential, client_id: 'dpop', dpop_bound_access_tokens: true },
    { ...confidential, client_id: 'par', require_pushed_authorization_requests: true },
    { ...confidential, client_id: 'jar', require_signed_request_object: true, request_object_signing_alg: 'ES256',
      jwks: jwks('ES256') },
    { ...confidential, client_id: 'jarm', authorization_signed_response_alg: 'ES256' },
    { ...confidential, client_id: 'introspects-signed', introspection_signed_response_alg: 'ES256' },
  ];
  return { registered, keys, secret };
}
