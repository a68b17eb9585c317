//! TR-11, TR-14, TR-15, TR-22, AQ-6: many tokens, resources, types or parameters mean what few do, though they are compared by
//! sorting.

use valetkey_core::terms::Access;
use valetkey_core::{Grant, RefreshToken, Rule, Scope, TokenRequest, TokenResponse};
use valetkey_tests::{NOW, client, json, server};

/// So many tokens in an order that nobody has sorted, some of which begin alike.
fn tokens(count: usize) -> Vec<String> {
    (0..count)
        .map(|one| format!("{}{}", ["read:", "https://api.example/"][one % 2], one * 7919 % 1009))
        .collect()
}

fn scope(tokens: &[String]) -> Scope {
    tokens.join(" ").parse().unwrap()
}

/// TR-11: around the number from which tokens are sorted, and at the most that there may be.
#[test]
fn a_token_that_comes_again_is_left_out_and_the_others_keep_their_order() {
    for count in [1, 2, 15, 16, 17, 18, 100, 512] {
        let tokens = tokens(count);
        let mut again = tokens.clone();
        again.extend(tokens.iter().rev().cloned());
        again.insert(count / 2, tokens[0].clone());
        again.truncate(1024);
        assert_eq!(scope(&again).as_str(), tokens.join(" "), "{count}");
        assert_eq!(Scope::new(&again).unwrap().as_str(), tokens.join(" "), "{count}");
        let spaced = format!(" {}  ", again.join("   "));
        assert_eq!(spaced.parse::<Scope>().unwrap().as_str(), tokens.join(" "), "{count}");
    }
}

/// TR-11: 1,024 tokens are the most, those that come again among them.
#[test]
fn more_tokens_than_1024_are_refused() {
    let most = vec!["a".to_owned(); 1024];
    assert_eq!(scope(&most).as_str(), "a");
    assert_eq!(scope(&tokens(1009)).iter().count(), 1009);
    let more = vec!["a"; 1025];
    assert_eq!(more.join(" ").parse::<Scope>().unwrap_err().rule(), Some(Rule::Tr11));
    assert_eq!(Scope::new(more).unwrap_err().rule(), Some(Rule::Tr11));
}

/// TR-11: each of these has a character that no scope token has, or no token at all.
#[test]
fn a_bad_character_is_found_wherever_it_is() {
    for bad in ["\"", "\\", "\u{7f}", "\u{1f}", "\t", "\n", "\u{0}", "ä"] {
        for place in [0, 7, 15, 16, 33] {
            let mut text = "a".repeat(40);
            text.insert_str(place, bad);
            assert!(text.parse::<Scope>().is_err(), "{bad:?} at {place}");
            assert!(Scope::new([&text]).is_err(), "{bad:?} at {place}");
        }
    }
    for good in ["!", "#", "[", "]", "~", ","] {
        assert_eq!(good.parse::<Scope>().unwrap().as_str(), good);
    }
    for none in ["", " ", "   "] {
        assert!(none.parse::<Scope>().is_err(), "{none:?}");
        assert!(Scope::new([none]).is_err(), "{none:?}");
    }
}

#[test]
fn scopes_are_compared_as_sets_however_many_tokens_they_have() {
    for count in [3, 16, 17, 300] {
        let all = tokens(count);
        let mut backwards = all.clone();
        backwards.reverse();
        assert_eq!(scope(&all), scope(&backwards), "{count}");
        let fewer = scope(&all[1..]);
        assert!(fewer.is_within(&scope(&backwards)), "{count}");
        assert!(!scope(&backwards).is_within(&fewer), "{count}");
        assert_ne!(scope(&all), fewer, "{count}");
        assert_eq!(scope(&backwards).beyond(&fewer).collect::<Vec<_>>(), [all[0].as_str()], "{count}");
        let mut other = all.clone();
        other[count / 2] = "other".to_owned();
        assert_ne!(scope(&all), scope(&other), "{count}");
    }
}

/// TR-14, TR-22: as many as were granted, in another order, and one more.
#[test]
fn a_refresh_for_many_resources_is_held_to_those_that_were_granted() {
    let resources: Vec<String> = (0..40).map(|one| format!("https://{}.example", one * 7 % 41)).collect();
    let granted = resources.iter().try_fold(Access::new(), |access, one| access.resource(one)).unwrap();
    let refresh = Grant::refresh_token(&RefreshToken::new("r").unwrap()).granted(granted);
    let all = resources.iter().rev().try_fold(refresh, |grant, one| grant.resource(one)).unwrap();
    assert!(TokenRequest::new(&client(), all.clone()).is_ok());
    let more = all.resource("https://other.example").unwrap();
    assert_eq!(TokenRequest::new(&client(), more).unwrap_err().rule(), Some(Rule::Tr22));
}

/// AQ-6: a parameter that was set among many is found, and the others are sent in their order.
#[test]
fn a_parameter_among_many_is_set_once() {
    let names: Vec<String> = (0..60).map(|one| format!("p{}", one * 7 % 61)).collect();
    let access = names.iter().try_fold(Access::new(), |access, name| access.parameter(name, "v")).unwrap();
    for name in &names {
        assert_eq!(access.clone().parameter(name, "w").unwrap_err().rule(), Some(Rule::Aq6), "{name}");
    }
    assert!(access.parameter("p61", "v").is_ok());
}

/// AQ-17: each word of a prompt once, `none` alone.
#[test]
fn a_prompt_has_each_word_once() {
    let prompt = |value: &str| Access::new().parameter("prompt", value).map(|_| ());
    assert!(prompt("login consent select_account").is_ok());
    for refused in ["login consent login", "none login", "login none", "", "login  consent"] {
        assert_eq!(prompt(refused).unwrap_err().rule(), Some(Rule::Aq17), "{refused:?}");
    }
    assert!(prompt("none").is_ok());
}

/// TR-3, TR-19: the type with parameters or spaces after it, and what forbids caching among other words.
#[test]
fn the_head_of_an_answer_is_read_with_what_is_beside_its_words() {
    let parse = |content_type: &str, cache_control: &str| {
        let mut response = json(200, r#"{"access_token":"t","token_type":"Bearer"}"#);
        response.headers_mut().insert("content-type", content_type.parse().unwrap());
        response.headers_mut().insert("cache-control", cache_control.parse().unwrap());
        TokenResponse::parse(response, NOW, &server()).map(|_| ()).map_err(|error| error.rule())
    };
    for content_type in [
        "application/json",
        "Application/JSON ; charset=utf-8",
        " application/json;a=b",
        "application/json\t",
    ] {
        assert_eq!(parse(content_type, "no-store"), Ok(()), "{content_type:?}");
    }
    for content_type in
        ["application/jsonx", "application/json x", "application/jso", "application/json,", "", "text/json"]
    {
        assert_eq!(parse(content_type, "no-store"), Err(Some(Rule::Tr3)), "{content_type:?}");
    }
    for cache_control in ["No-Store", "private, no-store", "no-store ,max-age=0"] {
        assert_eq!(parse("application/json", cache_control), Ok(()), "{cache_control:?}");
    }
}
