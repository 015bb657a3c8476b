import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Certificate } from '../tls/certificate.ts';
import { tlsWarnings, type TlsFiles } from '../tls/read-tls-files.ts';

const CHECK_MILLISECONDS = 2_000;

/** Replaces the certificate without a restart, when its files change and on SIGHUP. An invalid one is logged, and the previous one stays in use. */
export function keepCertificate(app: NestFastifyApplication, files: TlsFiles): void {
  const { log, server } = app.getHttpAdapter().getInstance();
  const certificate = app.get(Certificate);
  for (const warning of tlsWarnings(files, new Date())) log.warn(warning);
  const attempt = (renew: () => boolean): void => {
    try {
      if (!renew()) return;
      log.info(`now using the certificate in ${files.cert}`);
      for (const warning of tlsWarnings(files, new Date())) log.warn(warning);
    } catch (error) {
      log.error({ err: error }, 'the new certificate cannot be used; the previous one stays in use');
    }
  };
  const check = setInterval(() => {
    attempt(() => certificate.renewIfChanged());
  }, CHECK_MILLISECONDS).unref();
  const hangup = (): void => {
    attempt(() => {
      certificate.renew();
      return true;
    });
  };
  process.on('SIGHUP', hangup);
  server.once('close', () => {
    clearInterval(check);
    process.off('SIGHUP', hangup);
  });
}
