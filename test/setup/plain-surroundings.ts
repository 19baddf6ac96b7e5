/**
 * Runs before every test file. A machine of a build server sets variables by which Node.js and commands take a pipe for a
 * terminal, or a terminal for none; tests, and what they start, must see the same everywhere.
 */
for (const name of ['CI', 'FORCE_COLOR', 'NO_COLOR', 'NODE_DISABLE_COLORS']) delete process.env[name]
