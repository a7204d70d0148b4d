//! Accounts and sessions.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, body, user_of};

async fn code(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    (status, body(response).await["code"].as_str().unwrap().to_owned())
}

async fn login(app: &TestApp, login: &str, password: &str) -> Response {
    app.post("/api/auth/login", &json!({ "login": login, "password": password })).await
}

#[actix_web::test]
async fn a_user_can_sign_in_by_name_or_address_in_any_case() {
    let app = TestApp::spawn().await;
    let account = json!({ "email": "Ada@Example.org", "password": PASSWORD });
    let made = app.post("/api/auth/register", &account).await;
    assert_eq!(made.status(), 201);
    let session = body(made).await;
    assert_eq!(session["token_type"], "Bearer");
    assert_eq!(session["expires_in"], 10_080 * 60);
    assert_eq!(session["user"]["role"], "admin");
    assert_eq!(session["user"]["username"], "Ada");

    for name in ["ada@example.org", "ADA", "Ada"] {
        let response = login(&app, name, PASSWORD).await;
        assert_eq!(response.status(), 200, "{name}");
        let user = user_of(&body(response).await);
        let me = body(app.get(&user, "/api/auth/me").send().await.unwrap()).await;
        assert_eq!(me["email"], "Ada@Example.org");
    }
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_response() {
    let app = TestApp::spawn().await;
    app.register("ada").await;
    let strip = |mut value: Value| {
        value.as_object_mut().unwrap().remove("request_id");
        value
    };
    let wrong = login(&app, "ada", "not the password").await;
    let unknown = login(&app, "nobody", "not the password").await;
    assert_eq!((wrong.status(), unknown.status()), (401.try_into().unwrap(), 401.try_into().unwrap()));
    let (wrong, unknown) = (body(wrong).await, body(unknown).await);
    assert_eq!(wrong["code"], "wrong_credentials");
    assert_eq!(strip(wrong), strip(unknown));
}

#[actix_web::test]
async fn fifty_parallel_first_registrations_create_one_administrator() {
    let app = TestApp::spawn_with(&[("APP_MODE", "single")]).await;
    let attempts = (0..50).map(|n| {
        let account = json!({ "username": format!("user{n}"), "password": PASSWORD });
        let app = &app;
        async move { app.post("/api/auth/register", &account).await }
    });
    let answers = futures_util::future::join_all(attempts).await;
    let mut created = 0;
    for answer in answers {
        match answer.status().as_u16() {
            201 => {
                created += 1;
                assert_eq!(body(answer).await["user"]["role"], "admin");
            }
            // Refused because registration is closed, or because too many passwords are being hashed.
            403 => assert_eq!(body(answer).await["code"], "registration_closed"),
            429 | 503 => assert!(answer.headers().contains_key("retry-after")),
            other => panic!("unexpected status {other}"),
        }
    }
    assert_eq!(created, 1);
    let settings = body(app.request(Method::GET, "/api/settings").send().await.unwrap()).await;
    assert_eq!(settings["first_run"], false);
    assert_eq!(settings["registration_open"], false);
}

#[actix_web::test]
async fn the_settings_say_whether_a_session_is_valid() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let signed_in = async |request: reqwest::RequestBuilder| {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        body(response).await["signed_in"].clone()
    };
    assert_eq!(signed_in(app.get(&user, "/api/settings")).await, true);
    let settings = || app.request(Method::GET, "/api/settings");
    assert_eq!(signed_in(settings()).await, false);
    assert_eq!(signed_in(settings().bearer_auth("not-a-token")).await, false);
    app.send(&user, Method::POST, "/api/auth/logout", &json!({})).send().await.unwrap();
    assert_eq!(signed_in(app.get(&user, "/api/settings")).await, false);
}

#[actix_web::test]
async fn the_second_account_is_not_an_administrator() {
    let app = TestApp::spawn().await;
    app.register("first").await;
    let second = app.register("second").await;
    let me = body(app.get(&second, "/api/auth/me").send().await.unwrap()).await;
    assert_eq!(me["role"], "user");
}

#[actix_web::test]
async fn names_and_addresses_are_unique_regardless_of_case() {
    let app = TestApp::spawn().await;
    app.register("ada").await;
    let again = app.post("/api/auth/register", &json!({ "username": "ADA", "password": PASSWORD })).await;
    assert_eq!(code(again).await, (409, "already_exists".into()));
}

#[actix_web::test]
async fn invalid_registrations_name_the_field() {
    let app = TestApp::spawn().await;
    for (account, field, code) in [
        (json!({ "username": "ada", "password": "short" }), "password", "too_short"),
        (json!({ "username": "ada", "password": "password123" }), "password", "too_common"),
        (json!({ "username": "ada", "password": "x".repeat(1025) }), "password", "too_long"),
        (json!({ "username": "a", "password": PASSWORD }), "username", "too_short"),
        (json!({ "email": "nonsense", "password": PASSWORD }), "email", "malformed"),
        (json!({ "password": PASSWORD }), "username", "required"),
    ] {
        let response = app.post("/api/auth/register", &account).await;
        assert_eq!(response.status(), 422, "{account}");
        let problem = body(response).await;
        assert_eq!(problem.pointer("/errors/0/field").unwrap(), field, "{problem}");
        assert_eq!(problem.pointer("/errors/0/code").unwrap(), code, "{problem}");
        assert!(!problem.to_string().contains(PASSWORD));
    }
    let role = json!({ "username": "ada", "password": PASSWORD, "role": "admin" });
    assert_eq!(app.post("/api/auth/register", &role).await.status(), 422, "nobody chooses their own role");
}

#[actix_web::test]
async fn signing_out_ends_the_session_immediately() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let out = app.request(Method::POST, "/api/auth/logout").bearer_auth(&user.token).send().await.unwrap();
    assert_eq!(out.status(), 204);
    let me = app.get(&user, "/api/auth/me").send().await.unwrap();
    assert_eq!(code(me).await, (401, "not_signed_in".into()));
}

#[actix_web::test]
async fn a_new_password_ends_every_other_session() {
    let app = TestApp::spawn().await;
    let here = app.register("ada").await;
    let elsewhere = user_of(&body(login(&app, "ada", PASSWORD).await).await);
    let new = "an entirely different phrase";
    let change = |current: &str| json!({ "current_password": current, "new_password": new });
    let wrong = app.send(&here, Method::POST, "/api/auth/password", &change("not it")).send().await.unwrap();
    assert_eq!(wrong.status(), 422);
    assert_eq!(body(wrong).await.pointer("/errors/0/field").unwrap(), "current_password");

    let right = app.send(&here, Method::POST, "/api/auth/password", &change(PASSWORD)).send().await.unwrap();
    assert_eq!(right.status(), 204);
    assert_eq!(app.get(&here, "/api/auth/me").send().await.unwrap().status(), 200);
    assert_eq!(app.get(&elsewhere, "/api/auth/me").send().await.unwrap().status(), 401);
    assert_eq!(login(&app, "ada", PASSWORD).await.status(), 401);
    assert_eq!(login(&app, "ada", new).await.status(), 200);
}

#[actix_web::test]
async fn password_guessing_is_rate_limited() {
    let app = TestApp::spawn().await;
    app.register("ada").await;
    let mut refused = None;
    for name in ["ada", "ADA"].iter().cycle().take(40) {
        let response = login(&app, name, "a wrong guess").await;
        if response.status() == 429 {
            refused = Some(response);
            break;
        }
        assert_eq!(response.status(), 401);
    }
    let refused = refused.expect("the guesses to be limited");
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(body(refused).await["code"], "too_many_requests");
}

#[actix_web::test]
async fn sessions_and_the_generated_secret_survive_a_restart() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let app = app.restart(&[]).await;
    assert_eq!(app.get(&user, "/api/auth/me").send().await.unwrap().status(), 200);
}

#[actix_web::test]
async fn a_changed_secret_invalidates_old_tokens() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let app = app.restart(&[("JWT_SECRET", "kRk8p3V1sJm0bZq7xT5yW2nE4uH6cL9d")]).await;
    assert_eq!(app.get(&user, "/api/auth/me").send().await.unwrap().status(), 401);
}

#[actix_web::test]
async fn the_configured_administrator_is_created_at_the_first_start() {
    let admin = [("APP_MODE", "single"), ("ADMIN_EMAIL", "root@example.org"), ("ADMIN_PASSWORD", PASSWORD)];
    let app = TestApp::spawn_with(&admin).await;
    let session = body(login(&app, "root@example.org", PASSWORD).await).await;
    assert_eq!(session["user"]["role"], "admin");
    let other = app.post("/api/auth/register", &json!({ "username": "eve", "password": PASSWORD })).await;
    assert_eq!(code(other).await, (403, "registration_closed".into()));
    // A second start with another password has no effect.
    let app = app.restart(&[admin[0], admin[1], ("ADMIN_PASSWORD", "some other long phrase")]).await;
    assert_eq!(login(&app, "root@example.org", PASSWORD).await.status(), 200);
}

#[actix_web::test]
async fn a_refreshed_token_names_the_same_session() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let answer =
        app.request(Method::POST, "/api/auth/refresh").bearer_auth(&user.token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let fresh = user_of(&body(answer).await);
    app.request(Method::POST, "/api/auth/logout").bearer_auth(&fresh.token).send().await.unwrap();
    assert_eq!(app.get(&user, "/api/auth/me").send().await.unwrap().status(), 401);
}

#[actix_web::test]
async fn every_stream_that_was_opened_at_once_after_a_restart_ends_at_sign_out() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let app = app.restart(&[]).await;
    let mut feeds = futures_util::future::join_all((0..40).map(|_| app.listen(&user))).await;
    let out = app.request(Method::POST, "/api/auth/logout").bearer_auth(&user.token).send().await.unwrap();
    assert_eq!(out.status(), 204);
    for feed in &mut feeds {
        assert_eq!(feed.next().await, None);
    }
}

#[actix_web::test]
async fn a_sign_in_that_overlaps_a_new_password_does_not_outlive_it() {
    let app = TestApp::spawn().await;
    let here = app.register("ada").await;
    let change = json!({ "current_password": PASSWORD, "new_password": "an entirely different phrase" });
    let change = app.send(&here, Method::POST, "/api/auth/password", &change).send();
    let sign_ins = futures_util::future::join_all((0..8).map(|_| login(&app, "ada", PASSWORD)));
    let (changed, sign_ins) = tokio::join!(change, sign_ins);
    assert_eq!(changed.unwrap().status(), 204);
    for sign_in in sign_ins {
        if sign_in.status() == 200 {
            let user = user_of(&body(sign_in).await);
            assert_eq!(app.get(&user, "/api/auth/me").send().await.unwrap().status(), 401);
        }
    }
}

#[actix_web::test]
async fn strangers_cannot_lock_the_owner_out() {
    // They guess all the time: from the owner's own address, from other ones, and from very many.
    for (addresses, connections, owner) in
        [(1, 20, "203.0.113.0"), (6, 30, "192.0.2.1"), (70, 70, "192.0.2.1")]
    {
        let app = TestApp::spawn().await;
        app.register("ada").await;
        let sign_in = |from: &str, password: &str| {
            app.request(Method::POST, "/api/auth/login")
                .header("content-type", "application/json")
                .header("x-forwarded-for", from)
                .body(json!({ "login": "ada", "password": password }).to_string())
                .send()
        };
        let are_limited = tokio::sync::Notify::new();
        let guesses = (0..connections).map(|n| {
            let from = format!("203.0.113.{}", n % addresses);
            let (sign_in, are_limited) = (&sign_in, &are_limited);
            async move {
                loop {
                    let status = sign_in(&from, "a wrong guess").await.unwrap().status();
                    assert!([401, 429].contains(&status.as_u16()), "{status}");
                    if status == 429 {
                        are_limited.notify_one();
                    }
                }
            }
        });
        let owner = async {
            are_limited.notified().await;
            sign_in(owner, PASSWORD).await.unwrap().status()
        };
        tokio::select! {
            status = owner => assert_eq!(status, 200, "{addresses} {connections}"),
            _ = futures_util::future::join_all(guesses) => unreachable!("guessing never ends"),
        }
    }
}

#[actix_web::test]
async fn a_device_that_signed_in_before_gets_in_while_strangers_guess() {
    let app = TestApp::spawn().await;
    let account = json!({ "username": "ada", "email": "ada@example.org", "password": PASSWORD });
    let registered = app.post("/api/auth/register", &account).await;
    let cookies: Vec<_> =
        registered.headers().get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    let mark = cookies.iter().find(|cookie| cookie.starts_with("kaiwa-device-")).unwrap().to_string();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/api/auth/login"] {
        assert!(mark.contains(part), "{mark}");
    }
    let mark = mark.split(';').next().unwrap();
    let sign_in = |login: &str, from: &str, password: &str| {
        app.request(Method::POST, "/api/auth/login")
            .header("content-type", "application/json")
            .header("x-forwarded-for", from)
            .body(json!({ "login": login, "password": password }).to_string())
    };
    // From the owner's address on the same account, on many accounts, and from so many addresses that every place for
    // strangers is taken.
    let guess = |n: usize| match n % 3 {
        0 => sign_in("ada", "192.0.2.1", "a wrong guess"),
        1 => sign_in(&format!("user{n}"), "192.0.2.1", "a wrong guess"),
        _ => sign_in(&format!("user{n}"), &format!("203.0.{}.{}", n / 250, n % 250), "a wrong guess"),
    };
    let guesses = async {
        for round in 0.. {
            let guesses = (0..100).map(|n| guess(round * 100 + n).send());
            futures_util::future::join_all(guesses).await;
        }
    };
    let owner = async {
        while ![429, 503].contains(&guess(0).send().await.unwrap().status().as_u16()) {}
        for login in ["ada", "ADA", "ada@example.org", "Ada"] {
            let response = sign_in(login, "192.0.2.1", PASSWORD).header("cookie", mark).send().await.unwrap();
            assert_eq!(response.status(), 200, "{login}");
        }
    };
    tokio::select! {
        () = owner => {}
        () = guesses => unreachable!("they never end"),
    }
}

#[actix_web::test]
async fn a_stranger_does_not_keep_the_owner_from_changing_the_password() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let guesses = (0..40).map(|_| login(&app, "ada", "a wrong guess"));
    futures_util::future::join_all(guesses).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "an entirely different phrase" });
    assert_eq!(app.ask(&user, Method::POST, "/api/auth/password", &change).await.0, 204);
}
