// The frame around a page: a bar with the apps' names and a container that the page fills.
(function () {
    function bar(text, colour) {
        var node = document.createElement('div');
        node.style.cssText = 'padding:6px 14px;font:14px sans-serif;color:#fff;background:' + colour;
        node.textContent = text;
        return node;
    }
    window.__splunk_layout__ = {
        create: function () {
            var header = document.createElement('header');
            header.setAttribute('data-view', 'splunkjs/mvc/headerview');
            header.appendChild(bar('splunk stand-in', '#171d21'));
            var nav = bar('', '#3c444d');
            var app = window.location.pathname.split('/')[3];
            ['inputs', 'configuration', 'dashboard'].forEach(function (page) {
                var link = document.createElement('a');
                link.href = '/' + window.$C.LOCALE + '/app/' + app + '/' + page;
                link.textContent = page;
                link.style.cssText = 'color:#fff;margin-right:16px';
                nav.appendChild(link);
            });
            header.appendChild(nav);
            var container = document.createElement('div');
            container.setAttribute('role', 'main');
            document.body.appendChild(header);
            document.body.appendChild(container);
            return { getContainerElement: function () { return container; } };
        }
    };
})();
