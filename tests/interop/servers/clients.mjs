// The clients that are registered at oidc-provider: one for each way to authenticate, to be bound,
// or to be told who logged in.
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

// What ID tokens are signed by, and how they, and other answers, are encrypted to a client: each by a key of another kind.
const SIGNED_BY = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'HS256'];
const ENCRYPTED_BY = {
  'RSA-OAEP-256': ['rsa', { modulusLength: 2048 }], 'ECDH-ES': ['x25519', {}],
  'ECDH-ES+A128KW': ['ec', { namedCurve: 'P-256' }], 'ECDH-ES+A256KW': ['ec', { namedCurve: 'P-384' }],
};
const CONTENT = ['A128CBC-HS256', 'A256GCM'];

/** A private key for each algorithm by which a client is encrypted to, and what a server is told of the one for an algorithm. */
export function encryptionKeys() {
  const keys = Object.fromEntries(Object.entries(ENCRYPTED_BY).map(([alg, [type, options]]) => [
    alg, { ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid: `enc-${alg}`, alg, use: 'enc' }]));
  const jwks = (alg) => {
    const { kty, crv, x, y, n, e, kid } = keys[alg];
    return { keys: [{ kty, crv, x, y, n, e, kid, alg, use: 'enc' }] };
  };
  return { keys, jwks };
}

/** Under FAPI 2.0 every token is bound. The registrations, the private keys of the clients that sign or decrypt, and the
 * secret of those that have one. */
export function clients(selfSignedKey, fapi) {
  const secret = 'a secret: with + % / & = and 32 bytes';
  const { keys, jwks } = signingKeys();
  const { keys: decryption, jwks: encryptedTo } = encryptionKeys();

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
      id_token_signed_response_alg: fapi ? alg : 'RS256', token_endpoint_auth_signing_alg: alg, jwks: jwks(alg) })),
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
    ...SIGNED_BY.map((alg) => ({ ...confidential, client_id: `login-${alg}`, id_token_signed_response_alg: alg })),
    { ...confidential, client_id: 'hybrid', response_types: ['code id_token', 'id_token', 'code'],
      grant_types: [...common.grant_types, 'implicit'] },
    { ...common, client_id: 'fapi1', response_types: ['code id_token'], grant_types: [...common.grant_types, 'implicit'],
      token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256', jwks: jwks('ES256'),
      id_token_signed_response_alg: 'ES256', require_signed_request_object: true, request_object_signing_alg: 'ES256' },
    ...Object.keys(decryption).flatMap((alg) => CONTENT.map((enc) => ({
      ...confidential, client_id: `encrypted-${alg}-${enc}`, jwks: encryptedTo(alg),
      id_token_encrypted_response_alg: alg, id_token_encrypted_response_enc: enc }))),
    { ...confidential, client_id: 'user-info-signed', userinfo_signed_response_alg: 'ES256' },
    { ...confidential, client_id: 'user-info-encrypted', userinfo_signed_response_alg: 'ES256', jwks: encryptedTo('RSA-OAEP-256'),
      userinfo_encrypted_response_alg: 'RSA-OAEP-256', userinfo_encrypted_response_enc: 'A256GCM' },
    { ...confidential, client_id: 'jar-encrypted', require_signed_request_object: true, request_object_signing_alg: 'ES256',
      request_object_encryption_alg: 'ECDH-ES', request_object_encryption_enc: 'A256GCM', jwks: jwks('ES256') },
    { ...confidential, client_id: 'jarm-encrypted', authorization_signed_response_alg: 'ES256', jwks: encryptedTo('ECDH-ES'),
      authorization_encrypted_response_alg: 'ECDH-ES', authorization_encrypted_response_enc: 'A256GCM' },
    { ...confidential, client_id: 'introspects-encrypted', introspection_signed_response_alg: 'ES256',
      jwks: encryptedTo('ECDH-ES+A128KW'),
      introspection_encrypted_response_alg: 'ECDH-ES+A128KW', introspection_encrypted_response_enc: 'A128CBC-HS256' },
  ];
  return { registered, keys, decryption, secret };
}
