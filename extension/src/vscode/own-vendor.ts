/** The vendor of Strata's routes among the editor's models, as the manifest names it. */
export const OWN_VENDOR = 'strata';
