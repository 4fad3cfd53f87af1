// Which theme the pages use.
window.__get_theme__ = { getTheme: function () { return Promise.resolve('enterprise'); } };
