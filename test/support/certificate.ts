import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  /** PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** Makes a certificate that vouches for itself. `names` as OpenSSL writes them: `DNS:localhost,IP:127.0.0.1`. */
export function selfSigned(folder: string, names = 'DNS:localhost,IP:127.0.0.1', days = 2): Certificate {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'cert-key.pem')];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const about = ['-subj', '/CN=workport test', '-addext', `subjectAltName=${names}`, '-days', String(days)];
  execFileSync('openssl', ['req', '-x509', ...made, '-out', certFile, ...about], { stdio: 'ignore' });
  const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')];
  return { certFile, keyFile, cert, key, fingerprint: new X509Certificate(cert).fingerprint256 };
}
