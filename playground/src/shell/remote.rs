//! A browser that is on another computer than this program: how the person gets back. [`is_remote`], [`ways`].

/// Whether the person came here by SSH and has brought no display: a browser that is opened here is not theirs.
pub(crate) fn is_remote() -> bool {
    let is_set = |name| variable(name).is_some();
    (is_set("SSH_CONNECTION") || is_set("SSH_TTY")) && !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY")
}

#[expect(clippy::disallowed_methods, reason = "the program is what reads the environment for core")]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The port of the redirect URI.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    /// As it is listened at.
    pub(crate) here: u16,
    /// As the browser's computer has it.
    pub(crate) there: u16,
    /// Whether it is listened at the address of IPv6 alone.
    pub(crate) is_ipv6: bool,
}

/// What a person can do whose browser cannot reach the port that is listened at.
pub(crate) fn ways(takes_paste: bool, Ports { here, there, is_ipv6 }: Ports) -> String {
    let address = if is_ipv6 { "[::1]" } else { "127.0.0.1" };
    let paste = match takes_paste {
        true => {
            "If the browser then ends at a page that it cannot open, copy the whole address\n\
             from its address bar, paste it here, and press Enter. If it is very long, write\n\
             it into a file, and enter @FILE here. "
        }
        false => "",
    };
    format!(
        "{paste}Other ways are a forwarded port\n\
         (now: `ssh -L {there}:{address}:{here} HOST`; each time: with `redirect_ports`), and\n\
         `valetkey login --device`, if the server has it."
    )
}
