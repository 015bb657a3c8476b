/** Another one after each boot. */
export const BOOT_ID = '/proc/sys/kernel/random/boot_id';
