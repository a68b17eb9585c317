//! Which variable tells, and what its value means.

use crate::{proxy, rules, through};

const HTTPS: &str = "https://as.example/token";
const HTTP: &str = "http://as.example/token";

#[test]
fn f71_the_variable_for_the_scheme_comes_before_the_one_for_all() {
    let all = ("ALL_PROXY", "http://all:1");
    assert_eq!(through(&rules(&[all, ("HTTPS_PROXY", "http://https:1")]), HTTPS), "http://https:1");
    assert_eq!(through(&rules(&[all, ("HTTPS_PROXY", "http://https:1")]), HTTP), "http://all:1");
    assert_eq!(through(&rules(&[all, ("HTTP_PROXY", "http://http:1")]), HTTP), "http://http:1");
    // None of them is for the other scheme.
    assert_eq!(proxy(&rules(&[("HTTP_PROXY", "http://http:1")]), HTTPS), Ok(None));
    assert_eq!(proxy(&rules(&[("HTTPS_PROXY", "http://https:1")]), HTTP), Ok(None));
    assert_eq!(proxy(&rules(&[all]), "ftp://as.example/"), Ok(None));
    assert_eq!(proxy(&rules(&[]), HTTPS), Ok(None));
}

#[test]
fn f71_lower_case_comes_before_upper_case_as_in_curl() {
    for (lower, upper, uri) in [
        ("https_proxy", "HTTPS_PROXY", HTTPS),
        ("http_proxy", "HTTP_PROXY", HTTP),
        ("all_proxy", "ALL_PROXY", HTTPS),
    ] {
        assert_eq!(through(&rules(&[(upper, "upper:1"), (lower, "lower:1")]), uri), "http://lower:1");
        assert_eq!(
            through(&rules(&[(upper, "upper:1"), (lower, "")]), uri),
            "http://upper:1",
            "empty is not set"
        );
        assert_eq!(through(&rules(&[(upper, "upper:1"), (lower, " \n")]), uri), "http://upper:1");
        // A scheme's own in capitals still comes before the one for all.
        assert_eq!(
            through(&rules(&[("all_proxy", "all:1"), (upper, "upper:1")]), uri),
            match lower {
                "all_proxy" => "http://all:1",
                _ => "http://upper:1",
            }
        );
    }
    let exempt = [("all_proxy", "p:1"), ("NO_PROXY", "as.example"), ("no_proxy", "other.example")];
    assert_eq!(through(&rules(&exempt), HTTPS), "http://p:1");
}

/// "httpoxy": a request's header `Proxy` is the variable `HTTP_PROXY` of a CGI program.
#[test]
fn s3_a_cgi_program_has_no_http_proxy_in_capitals() {
    let evil = ("HTTP_PROXY", "http://evil:1");
    for method in ["GET", ""] {
        let cgi = ("REQUEST_METHOD", method);
        assert_eq!(proxy(&rules(&[evil, cgi]), HTTP), Ok(None));
        assert_eq!(through(&rules(&[evil, cgi, ("ALL_PROXY", "http://all:1")]), HTTP), "http://all:1");
        assert_eq!(through(&rules(&[cgi, ("HTTPS_PROXY", "http://https:1")]), HTTPS), "http://https:1");
    }
    assert_eq!(through(&rules(&[evil]), HTTP), "http://evil:1");
    #[cfg(not(windows))]
    assert_eq!(
        through(&rules(&[evil, ("REQUEST_METHOD", "GET"), ("http_proxy", "ours:1")]), HTTP),
        "http://ours:1"
    );
}

#[test]
fn f26_a_value_is_read_as_curl_reads_it() {
    for (value, shown, url) in [
        ("proxy.example:3128", "http://proxy.example:3128", "http://proxy.example:3128"),
        (" http://proxy.example ", "http://proxy.example:80", "http://proxy.example:80"),
        ("HTTPS://Proxy.example/", "https://proxy.example:443", "https://proxy.example:443"),
        ("socks5://10.0.0.1", "socks5://10.0.0.1:1080", "socks5://10.0.0.1:1080"),
        ("socks5h://[2001:DB8::1]:9", "socks5h://[2001:db8::1]:9", "socks5h://[2001:db8::1]:9"),
        ("user:pass@proxy:1", "http://proxy:1", "http://user:pass@proxy:1"),
        ("http://u%20ser:p%40s%2Fs@proxy:1", "http://proxy:1", "http://u%20ser:p%40s%2Fs@proxy:1"),
        ("http://user:p@ss@proxy:1", "http://proxy:1", "http://user:p%40ss@proxy:1"),
        ("http://user@proxy:1", "http://proxy:1", "http://user@proxy:1"),
        ("http://@proxy:1", "http://proxy:1", "http://proxy:1"),
    ] {
        let rules = rules(&[("ALL_PROXY", value)]);
        let proxy = rules.for_uri(&HTTPS.parse().unwrap()).unwrap().unwrap();
        assert_eq!((proxy.to_string().as_str(), proxy.expose()), (shown, url));
    }
}

#[test]
fn f26_what_cannot_be_used_is_an_error_that_names_the_variable_and_the_scheme() {
    for (value, scheme) in [
        ("socks4://proxy", Some("socks4")),
        ("SOCKS4A://user:planted@proxy", Some("socks4a")),
        ("socks://proxy", Some("socks")),
        ("ftp://proxy", Some("ftp")),
        ("planted secret://proxy", None),
        ("user:planted://proxy", None),
        ("http://", None),
        ("http://user:planted@", None),
        ("http://user:pla/nted@proxy:1", None),
        ("http://user:pla#nted@proxy:1", None),
        ("http://user:pla?nted@proxy:1", None),
        ("http://user:planted%0d%0a@proxy:1", None),
        ("http://user:planted%ff@proxy:1", None),
        ("http://proxy:0", None),
        ("http://proxy:99999", None),
        ("http://proxy:", None),
        ("http://pro xy:1", None),
        ("http://proxy:1/wpad.dat", None),
        ("http://1.2.3.256:1", None),
        ("http://[::1:1", None),
        ("::1:3128", None),
        ("socks5://user@proxy", None),
        ("socks5://user:@proxy", None),
        ("\u{fffd}", None),
    ] {
        for (variable, uri) in [("HTTPS_PROXY", HTTPS), ("http_proxy", HTTP), ("all_proxy", HTTPS)] {
            let rules = rules(&[(variable, value)]);
            let error = proxy(&rules, uri).unwrap_err();
            assert_eq!((error.variable(), error.scheme()), (variable, scheme), "{value}");
            let shown = format!("{error}\n{error:?}\n{rules:?}");
            assert!(error.to_string().contains(variable), "{shown}");
            assert!(scheme.is_none_or(|scheme| error.to_string().contains(scheme)), "{shown}");
            assert!(
                !shown.contains("planted") && !shown.contains("nted") && !shown.contains("user:p"),
                "{shown}"
            );
        }
        // What would not go through it is not concerned.
        let exempt = rules(&[("ALL_PROXY", value), ("NO_PROXY", "as.example")]);
        assert_eq!(proxy(&exempt, HTTPS), Ok(None));
        let long = "x".repeat(256);
        assert!(proxy(&rules(&[("ALL_PROXY", &format!("socks5://user:{long}@proxy"))]), HTTPS).is_err());
    }
}

/// One that cannot be used is named too: its requests fail, and do not go around it.
#[test]
fn f71_rules_are_direct_if_they_name_no_proxy_at_all() {
    for none in [&[][..], &[("NO_PROXY", "as.example")], &[("HTTPS_PROXY", " ")]] {
        assert!(rules(none).is_direct(), "{none:?}");
    }
    for named in
        [("HTTPS_PROXY", "p:1"), ("http_proxy", "p:1"), ("ALL_PROXY", "p:1"), ("https_proxy", "ftp://p:1")]
    {
        assert!(!rules(&[named, ("NO_PROXY", "*")]).is_direct(), "{named:?}");
    }
}
