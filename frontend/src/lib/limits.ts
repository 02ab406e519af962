/** The owner's limits of one order, in ml. The server and the device enforce them again. */
export const AMOUNT_MIN_ML = 1;
export const AMOUNT_MAX_ML = 60;
