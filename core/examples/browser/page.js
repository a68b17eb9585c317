// What is seen of the example. The server, the client and the API are the deployment's, and so they come from this page's own
// origin: an address in the page's query could be anybody's.
import start, { Page } from "./pkg/valetkey_browser.js";

const at = (id) => document.getElementById(id);
let page;
let config;

/** Does one thing at a time, and shows how it went. */
async function doing(what, work) {
    for (const button of document.querySelectorAll("button")) button.hidden = true;
    at("state").textContent = what;
    try {
        at("state").textContent = await work();
    } catch (error) {
        at("state").textContent = `Failed: ${error.message}`;
    }
    const expires = page?.expires_at();
    at("expires").textContent = expires ? new Date(expires).toISOString() : "";
    at("thumbprint").textContent = page?.thumbprint() ?? "";
    at("log-in").hidden = !page || Boolean(expires);
    at("call").hidden = !expires;
}

at("log-in").addEventListener("click", () => doing("Going to the server", async () => {
    await page.log_in(config.scope);
    return "At the server";
}));

at("call").addEventListener("click", () => doing("Calling", async () => {
    at("answer").textContent = await page.get(config.resource);
    return "Called";
}));

await doing("Starting", async () => {
    config = await (await fetch("config.json")).json();
    await start();
    page = await Page.open(config.issuer, config.client_id, config.api);
    return (await page.come_back()) ? "Logged in" : "Logged out";
});
