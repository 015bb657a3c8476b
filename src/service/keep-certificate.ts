import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Certificate } from '../tls/certificate.ts';
import { tlsWarnings } from '../tls/read-tls-files.ts';
import type { TlsFiles } from '../tls/tls-files.ts';

const LOOK_MILLISECONDS = 2_000;

/** Takes a new certificate into use without a restart: when its files have changed, and on SIGHUP. A bad one is logged, and the old one stays. */
export function keepCertificate(app: NestFastifyApplication, files: TlsFiles): void {
  const { log, server } = app.getHttpAdapter().getInstance();
  const certificate = app.get(Certificate);
  for (const warning of tlsWarnings(files, new Date())) log.warn(warning);
  const attempt = (renew: () => boolean): void => {
    try {
      if (!renew()) return;
      log.info(`the certificate of ${files.cert} is in use now`);
      for (const warning of tlsWarnings(files, new Date())) log.warn(warning);
    } catch (error) {
      log.error({ err: error }, 'the new certificate cannot be used; the old one stays in use');
    }
  };
  const look = setInterval(() => {
    attempt(() => certificate.renewIfChanged());
  }, LOOK_MILLISECONDS).unref();
  const hangup = (): void => {
    attempt(() => {
      certificate.renew();
      return true;
    });
  };
  process.on('SIGHUP', hangup);
  server.once('close', () => {
    clearInterval(look);
    process.off('SIGHUP', hangup);
  });
}
