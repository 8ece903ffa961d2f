export const backend = () => undefined;
