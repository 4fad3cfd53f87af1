// Translation functions that answer with the text they are given.
(function () {
    var same = function (text) { return text; };
    window.i18n = { gettext: same, ngettext: function (one, many, n) { return n === 1 ? one : many; } };
    window._ = window._ || same;
    window.gettext = same;
    window.ngettext = window.i18n.ngettext;
    window.i18n_register = function (catalogue) { window.i18n.catalogue = catalogue; };
})();
