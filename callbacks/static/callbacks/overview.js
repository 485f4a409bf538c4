/* A page that keeps itself current. Elements name their place in the news: only what differs
   is set, so that scroll, focus and a reader's place stay where they are. */
"use strict";

(() => {
    const EVERY_MS = 15_000;
    const LOST_AFTER = 3; // polls in a row that failed

    const root = document.querySelector("[data-news]");
    if (!root) return; // the reader may not ask

    const at = (news, path) => path.split(".").reduce((value, key) => value?.[key], news) ?? "";

    const SETTERS = {
        "data-now": (element, value) => {
            if (element.textContent !== String(value)) element.textContent = value;
        },
        "data-now-tone": (element, value) => {
            if (element.dataset.tone !== value) element.dataset.tone = value;
        },
        "data-now-link": (element, value) => {
            if (value && element.getAttribute("href") !== value) element.setAttribute("href", value);
        },
        "data-now-show": (element, value) => {
            if (element.hidden === Boolean(value)) element.hidden = !value;
        },
        "data-now-width": (element, value) => {
            element.style.width = value || "0";
        },
        "data-now-left": (element, value) => {
            element.style.left = value || "0";
        },
    };

    const show = (news) => {
        const focused = document.activeElement;
        for (const [attribute, set] of Object.entries(SETTERS)) {
            root.querySelectorAll(`[${attribute}]`).forEach((element) => {
                set(element, at(news, element.getAttribute(attribute)));
            });
        }
        if (focused?.hidden) root.querySelector("[data-lost] a:not([hidden])")?.focus();
        draw(news.chart);
    };

    // --- the chart

    const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    let chart = null;
    let drawn = "";

    const bars = (data) => data.series.map(({ label, data: counts }) => ({
        type: "bar", label, data: counts, stack: "today", maxBarThickness: 26, order: 1,
        pointStyle: "rect",
    }));

    const weekAgo = (data) => data.last_week === null ? [] : [{
        type: "line", label: data.last_week.label, data: data.last_week.data, stack: "last week",
        borderWidth: 1.5, pointRadius: 0, tension: 0.3, order: 0, pointStyle: "line",
    }];

    const paint = () => {
        const [line, text] = [color("--jb-line"), color("--jb-dim")];
        chart.data.datasets.forEach((dataset, index) => {
            const isBar = dataset.type === "bar";
            const own = color(isBar ? `--jb-series-${index}` : "--color-base-400");
            dataset.backgroundColor = own;
            dataset.borderColor = own;
        });
        const { scales, plugins } = chart.options;
        scales.y.grid.color = line;
        scales.x.ticks.color = scales.y.ticks.color = plugins.legend.labels.color = text;
        chart.update();
    };

    const options = () => ({
        responsive: true,
        maintainAspectRatio: false,
        animation: false,
        locale: document.documentElement.lang,
        interaction: { mode: "index", intersect: false },
        scales: {
            x: {
                type: "category", offset: true, stacked: true,
                grid: { display: false }, border: { display: false },
            },
            y: {
                stacked: true, beginAtZero: true, suggestedMax: 4,
                ticks: { maxTicksLimit: 5, precision: 0 }, grid: {}, border: { display: false },
            },
        },
        plugins: {
            legend: {
                position: "bottom", align: "start", onClick: null,
                labels: {
                    boxWidth: 10, boxHeight: 8, padding: 16, usePointStyle: true,
                    sort: (one, other) => one.datasetIndex - other.datasetIndex,
                },
            },
        },
    });

    // The same numbers for those who see no bars.
    const row = (cells, tag) => {
        const line = document.createElement("tr");
        cells.forEach((text, index) => {
            const cell = document.createElement(index && tag === "td" ? "td" : "th");
            if (cell.tagName === "TH") cell.scope = tag === "td" ? "row" : "col";
            cell.textContent = text;
            line.append(cell);
        });
        return line;
    };

    const tabulate = (table, data) => {
        const [head, body] = [document.createElement("thead"), document.createElement("tbody")];
        const columns = [...data.series, ...(data.last_week ? [data.last_week] : [])];
        head.append(row([table.dataset.hour, ...columns.map(({ label }) => label)], "th"));
        data.hours.forEach((hour, index) => {
            body.append(row([hour, ...columns.map(({ data: counts }) => counts[index])], "td"));
        });
        table.replaceChildren(table.caption, head, body);
    };

    const draw = (data) => {
        const [canvas, table] = ["jb-chart", "jb-chart-table"].map((id) => document.getElementById(id));
        const text = JSON.stringify(data);
        if (!canvas || !data || text === drawn) return;
        drawn = text;
        if (!chart) {
            Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
            chart = new Chart(canvas, { data: { labels: [], datasets: [] }, options: options() });
            new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["class"] });
            document.fonts.ready.then(paint); // a canvas does not wait for its font
        }
        chart.data = { labels: data.hours, datasets: [...bars(data), ...weekAgo(data)] };
        paint();
        tabulate(table, data);
    };

    // --- the news

    let current = JSON.parse(document.getElementById("jb-news").textContent);
    let failed = 0;

    const admitIgnorance = () => {
        const { lost, lostText } = root.querySelector("[data-lost]").dataset;
        const text = lostText.replace("{time}", current.as_of);
        show({ ...current, strip: { ...current.strip, tone: "plain", word: lost, since: "", text } });
    };

    const ask = async () => {
        if (document.visibilityState !== "visible") return;
        try {
            const answer = await fetch(root.dataset.news, { redirect: "error", cache: "no-store" });
            if (!answer.ok) throw new Error(answer.statusText);
            current = await answer.json();
            failed = 0;
            show(current);
        } catch {
            failed += 1;
            if (failed >= LOST_AFTER) admitIgnorance();
        }
    };

    draw(current.chart);
    setInterval(ask, EVERY_MS);
    document.addEventListener("visibilitychange", ask);
})();
