const loopback = /^(localhost|127(\.(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})){3}|::1|\[::1\])$/;

/** Whether a host, as a configuration or an address names it, is this machine: nobody else is on the path to it. */
export const isLoopback = (host: string): boolean => loopback.test(host.toLowerCase());
