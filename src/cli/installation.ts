// Two folders deep, as the chunks of the built package are, so that these hold for src/ and for dist/.

/** The folder of package.json. */
export const PACKAGE_FOLDER = new URL("../../", import.meta.url);

/** The folder of the modules that are running. */
export const MODULES_FOLDER = new URL("../", import.meta.url);
