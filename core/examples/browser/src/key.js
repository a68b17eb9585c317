// The key that tokens are bound to, where it lives: in the browser. It is not extractable, so its private half never comes
// out: not to this script, not to WebAssembly, not to a script that an attacker brings into the page. Such a key can
// be stored in one place, IndexedDB, and must be: the login leaves the page, and comes back to a new one.

const KEYS = "keys";

/** The pair of keys of this origin; all its tabs have the same. */
export async function keyPair() {
    const database = await opened();
    try {
        const stored = await answer(database.transaction(KEYS).objectStore(KEYS).get("dpop"));
        if (stored) return stored;
        const algorithm = { name: "ECDSA", namedCurve: "P-256" };
        const pair = await crypto.subtle.generateKey(algorithm, false, ["sign"]);
        const transaction = database.transaction(KEYS, "readwrite");
        const keys = transaction.objectStore(KEYS);
        // Another tab may have been faster.
        const other = await answer(keys.get("dpop"));
        if (other) return other;
        keys.put(pair, "dpop");
        await new Promise((resolve, reject) => {
            transaction.oncomplete = resolve;
            transaction.onabort = () => reject(transaction.error);
        });
        return pair;
    } finally {
        database.close();
    }
}

/** The public half, as the text of a JWK. */
export async function publicJwk(pair) {
    return JSON.stringify(await crypto.subtle.exportKey("jwk", pair.publicKey));
}

/** A signature as JOSE has it, both numbers in 64 bytes: WebCrypto's own form. */
export async function sign(pair, message) {
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    return new Uint8Array(await crypto.subtle.sign(algorithm, pair.privateKey, message));
}

function opened() {
    const request = indexedDB.open("valetkey", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(KEYS);
    return answer(request);
}

function answer(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}
