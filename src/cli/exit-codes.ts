/** What the process says when it is gone. */
export const exitCodes = {
  /** It ended as it was asked to. */
  ended: 0,
  failed: 1,
  /** Wrong usage or configuration. */
  usage: 2,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
