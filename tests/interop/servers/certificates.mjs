// A certificate authority that lives as long as the process, and what it signs: all in memory.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const pair = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
const now = Date.now();
const valid = { notBefore: new Date(now - 60_000), notAfter: new Date(now + 24 * 60 * 60_000), signingAlgorithm: algorithm };
let serial = 1;

async function pem(keys, certificate) {
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), cert: certificate.toString('pem') };
}

async function selfSigned(name, extensions) {
  const keys = await pair();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    { ...valid, serialNumber: `0${serial++}`, name, keys, extensions });
  return { keys, certificate };
}

export async function authority() {
  const root = await selfSigned('CN=The tests of valetkey', [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ]);

  /** A certificate with these names, for a server (`1.3.6.1.5.5.7.3.1`) or a client (`…3.2`). */
  async function sign(subject, names, usage) {
    const keys = await pair();
    const certificate = await x509.X509CertificateGenerator.create({
      ...valid, serialNumber: `0${serial++}`, subject, issuer: root.certificate.subject,
      publicKey: keys.publicKey, signingKey: root.keys.privateKey,
      extensions: [new x509.SubjectAlternativeNameExtension(names), new x509.ExtendedKeyUsageExtension([usage])],
    });
    return pem(keys, certificate);
  }

  const alone = await selfSigned('CN=self.example', []);
  return {
    ca: root.certificate.toString('pem'),
    server: await sign('CN=127.0.0.1', [{ type: 'ip', value: '127.0.0.1' }], x509.ExtendedKeyUsage.serverAuth),
    client: await sign('CN=client.example', [{ type: 'dns', value: 'client.example' }], x509.ExtendedKeyUsage.clientAuth),
    self: await pem(alone.keys, alone.certificate),
  };
}
