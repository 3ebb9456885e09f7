//! Exact instants, in stopped time.

use super::*;

/// A budget in a folder, as several processes would have it.
struct Shop {
    folder: tempfile::TempDir,
    wall: Wall,
}

impl Shop {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            wall: Wall::Virtual(Instant::now()),
        }
    }

    /// One more process.
    fn limiter(&self, pool: Pool, pace: f64) -> Limiter {
        let ledger = Ledger::open(self.folder.path(), self.wall.clone()).unwrap();
        Limiter::new(pool, pace, ledger, self.wall.clone())
    }
}

fn alone(pool: Pool, pace: f64) -> Limiter {
    let wall = Wall::Virtual(Instant::now());
    Limiter::new(pool, pace, Ledger::alone(wall.clone()), wall)
}

async fn arrivals(limiter: &Limiter, route: Route, count: usize) -> Vec<u128> {
    let start = Instant::now();
    let mut at = Vec::new();
    for _ in 0..count {
        drop(limiter.acquire(route).await);
        at.push(start.elapsed().as_millis());
    }
    at
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect()
}

async fn learn(limiter: &Limiter, route: Route, pairs: &[(&'static str, &str)]) {
    limiter.acquire(route).await.arrived(&headers(pairs));
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn requests_are_spaced_from_the_first_on() {
    let shop = Shop::new();
    let limiter = shop.limiter(Pool::Polite, 1.0);
    let at = arrivals(&limiter, Route::Single, 4).await;
    assert_eq!(at, [0, 100, 200, 300]);
    let at = arrivals(&limiter, Route::List, 4).await;
    assert_eq!(at, [0, 334, 668, 1002], "a timer has milliseconds");
    let limiter = Shop::new().limiter(Pool::Public, 1.0);
    let at = arrivals(&limiter, Route::List, 3).await;
    assert_eq!(at, [0, 1000, 2000]);
    let limiter = Shop::new().limiter(Pool::Public, 0.5);
    let at = arrivals(&limiter, Route::Single, 3).await;
    assert_eq!(at, [0, 400, 800]);
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_is_not_shared_is_spent_at_first() {
    let limiter = alone(Pool::Polite, 1.0);
    let at = arrivals(&limiter, Route::Single, 3).await;
    assert_eq!(at, [100, 200, 300]);
}

#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_where_the_budget_stood() {
    let shop = Shop::new();
    let at = arrivals(&shop.limiter(Pool::Public, 1.0), Route::List, 2).await;
    assert_eq!(at, [0, 1000]);
    let at = arrivals(&shop.limiter(Pool::Public, 1.0), Route::List, 2).await;
    assert_eq!(at, [1000, 2000], "not at once");
}

#[tokio::test(start_paused = true)]
async fn two_processes_have_one_budget_and_take_turns() {
    let shop = Shop::new();
    let all = Arc::new(Mutex::new(Vec::new()));
    let process = |name: char| {
        let (limiter, all) = (shop.limiter(Pool::Polite, 1.0), Arc::clone(&all));
        let start = Instant::now();
        async move {
            for _ in 0..20 {
                let permit = limiter.acquire(Route::List).await;
                lock(&all).push((start.elapsed().as_millis(), name));
                sleep(Duration::from_millis(250)).await;
                drop(permit);
            }
        }
    };
    tokio::join!(process('a'), process('b'));
    let all = lock(&all).clone();
    assert_eq!(all.len(), 40);
    for three in all.windows(4) {
        assert!(three[3].0 - three[0].0 >= 1_000, "{all:?}");
    }
    let last = all.last().unwrap().0;
    assert!(last <= 39 * 334 + 39 * 11, "{last}: {all:?}");
    // Neither starves: of any six in a row both have two at least.
    for six in all[..38].windows(6) {
        let of_a = six.iter().filter(|(_, name)| *name == 'a').count();
        assert!((2..=4).contains(&of_a), "{all:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_processes_have_one_number_of_open_requests() {
    let shop = Shop::new();
    let (one, other) = (
        shop.limiter(Pool::Polite, 1.0),
        shop.limiter(Pool::Polite, 1.0),
    );
    let held = [
        one.acquire(Route::Single).await,
        one.acquire(Route::Single).await,
        other.acquire(Route::List).await,
    ];
    for limiter in [&one, &other] {
        let more = tokio::time::timeout(seconds(9), limiter.acquire(Route::Single));
        assert!(more.await.is_err());
    }
    drop(held);
    drop(other.acquire(Route::Single).await);
}

#[tokio::test(start_paused = true)]
async fn who_has_open_requests_all_the_time_lets_others_in() {
    let shop = Shop::new();
    let (busy, late) = (
        shop.limiter(Pool::Public, 1.0),
        shop.limiter(Pool::Public, 1.0),
    );
    let hog = async {
        loop {
            let permit = busy.acquire(Route::Single).await;
            sleep(Duration::from_millis(700)).await;
            drop(permit);
        }
    };
    let waits = async {
        let mut waits = Vec::new();
        for _ in 0..5 {
            sleep(Duration::from_millis(50)).await;
            let start = Instant::now();
            drop(late.acquire(Route::List).await);
            waits.push(start.elapsed().as_millis());
        }
        waits
    };
    let waits = tokio::select! { waits = waits => waits, () = hog => Vec::new() };
    assert!(waits.iter().all(|wait| *wait <= 1_500), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn headers_replace_the_documented_limits_per_route() {
    let shop = Shop::new();
    let limiter = shop.limiter(Pool::Polite, 1.0);
    let lower = [("x-rate-limit-limit", "2"), ("x-rate-limit-interval", "4s")];
    learn(&limiter, Route::List, &lower).await;
    assert_eq!(arrivals(&limiter, Route::List, 2).await, [2000, 4000]);
    assert_eq!(arrivals(&limiter, Route::Single, 1).await, [0]);
    let higher = [
        ("x-rate-limit-limit", "20"),
        ("x-rate-limit-interval", "1s"),
    ];
    learn(&limiter, Route::List, &higher).await;
    assert_eq!(arrivals(&limiter, Route::List, 2).await, [50, 100]);
    let hourly = [
        ("x-rate-limit-limit", "7200"),
        ("x-rate-limit-interval", "1h"),
    ];
    learn(&limiter, Route::Single, &hourly).await;
    assert!((limiter.allowed(Route::Single) - 2.0).abs() < 1e-9);
    for nothing in [
        &[][..],
        &[("x-rate-limit-limit", "0")][..],
        &[("x-rate-limit-limit", "soon")][..],
        &[("x-rate-limit-limit", "NaN")][..],
    ] {
        learn(&limiter, Route::List, nothing).await;
        assert!((limiter.allowed(Route::List) - 20.0).abs() < 1e-9);
    }
    learn(&limiter, Route::List, &[("x-rate-limit-limit", "1e99")]).await;
    assert!((limiter.allowed(Route::List) - MOST_PER_SECOND).abs() < 1e-9);
}

#[tokio::test(start_paused = true)]
async fn plus_sets_no_number_of_open_requests() {
    let shop = Shop::new();
    let limiter = shop.limiter(Pool::Polite, 1.0);
    let plus = [("x-api-pool", "plus"), ("x-rate-limit-limit", "150")];
    learn(&limiter, Route::List, &plus).await;
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(limiter.acquire(Route::List).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_belongs_to_the_host_and_is_never_cut_short() {
    let shop = Shop::new();
    let (limiter, other) = (
        shop.limiter(Pool::Polite, 1.0),
        shop.limiter(Pool::Polite, 1.0),
    );
    limiter.pause(seconds(5));
    limiter.pause(seconds(1));
    let at = tokio::join!(
        arrivals(&limiter, Route::List, 1),
        arrivals(&limiter, Route::Single, 1),
        arrivals(&other, Route::Single, 1),
    );
    let (list, mut singles) = (at.0, [at.1, at.2].concat());
    singles.sort_unstable();
    assert_eq!((list, singles), (vec![5000], vec![5000, 5100]));
}

#[tokio::test(start_paused = true)]
async fn concurrency_follows_the_header_down_and_up() {
    let shop = Shop::new();
    let limiter = shop.limiter(Pool::Polite, 1.0);
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(limiter.acquire(Route::Single).await);
    }
    let waiting = tokio::spawn({
        let limiter = limiter.clone();
        async move { limiter.acquire(Route::Single).await }
    });
    sleep(seconds(1)).await;
    held[0].arrived(&headers(&[("x-concurrency-limit", "1")]));
    held.truncate(1);
    sleep(seconds(9)).await;
    assert!(!waiting.is_finished(), "one is open, and one may be");
    held[0].arrived(&headers(&[("x-concurrency-limit", "2")]));
    drop(waiting.await);
}

#[tokio::test(start_paused = true)]
async fn what_sets_a_connection_up_is_waited_for_and_spaced_from_its_answer() {
    let shop = Shop::new();
    let limiter = shop.limiter(Pool::Polite, 1.0);
    let first = limiter.acquire(Route::Single).await;
    first.opening().begin();
    let start = Instant::now();
    let (at, ()) = tokio::join!(arrivals(&limiter, Route::Single, 2), async {
        sleep(Duration::from_millis(730)).await;
        first.arrived(&HeaderMap::new());
    });
    assert_eq!(at, [830, 930], "730, and a tenth of a second");
    drop(first);
    // The other route has its own connection.
    assert_eq!(arrivals(&limiter, Route::List, 1).await, [0]);

    // A usual answer takes 80 ms: the next one arrived so long before it at least.
    sleep(seconds(1) - Duration::from_millis(930)).await;
    let usual = limiter.acquire(Route::Single).await;
    sleep(Duration::from_millis(80)).await;
    usual.arrived(&HeaderMap::new());
    drop(usual);
    let again = limiter.acquire(Route::Single).await;
    again.opening().begin();
    sleep(Duration::from_millis(300)).await;
    again.arrived(&HeaderMap::new());
    drop(again);
    let at = arrivals(&limiter, Route::Single, 1).await;
    assert_eq!(at, [20]);
    // One that comes to nothing holds nobody up.
    let lost = limiter.acquire(Route::Single).await;
    lost.opening().begin();
    drop(lost);
    assert_eq!(arrivals(&limiter, Route::Single, 1).await, [100]);
    assert!(start.elapsed() < seconds(5));
}

#[tokio::test(start_paused = true)]
async fn a_429_halves_the_rate_for_a_while() {
    let shop = Shop::new();
    let limiter = shop.limiter(Pool::Polite, 1.0);
    let held = limiter.acquire(Route::List).await;
    limiter.too_many(Route::Single);
    limiter.pause(seconds(1));
    let more = tokio::time::timeout(seconds(9), limiter.acquire(Route::Single));
    assert!(more.await.is_err(), "one at a time");
    drop(held);
    drop(limiter.acquire(Route::Single).await);
    limiter.good(Route::Single);
    assert_eq!(arrivals(&limiter, Route::Single, 3).await, [200, 400, 600]);
    assert_eq!(arrivals(&limiter, Route::List, 2).await, [0, 334]);
    for _ in 0..GOOD_AGAIN {
        limiter.good(Route::Single);
    }
    assert!((limiter.allowed(Route::Single) - 10.0).abs() < 1e-9);
    // A grant is not believed at once; one for less is.
    limiter.too_many(Route::Single);
    learn(&limiter, Route::Single, &[("x-rate-limit-limit", "8")]).await;
    assert!((limiter.allowed(Route::Single) - 5.0).abs() < 1e-9);
    learn(&limiter, Route::Single, &[("x-rate-limit-limit", "4")]).await;
    assert!((limiter.allowed(Route::Single) - 4.0).abs() < 1e-9);
}

#[tokio::test(start_paused = true)]
async fn half_pace_one_at_a_time_and_back() {
    let shop = Shop::new();
    let limiter = shop.limiter(Pool::Polite, 1.0);
    drop(limiter.acquire(Route::Single).await);
    limiter.set_slow(true);
    assert_eq!(arrivals(&limiter, Route::Single, 3).await, [200, 400, 600]);
    let held = limiter.acquire(Route::Single).await;
    let more = tokio::time::timeout(seconds(9), limiter.acquire(Route::List));
    assert!(more.await.is_err());
    drop(held);
    limiter.set_slow(false);
    assert_eq!(arrivals(&limiter, Route::Single, 2).await, [100, 200]);
}

#[tokio::test(start_paused = true)]
async fn the_last_permit_is_not_taken_from_under_a_list() {
    let shop = Shop::new();
    let limiter = shop.limiter(Pool::Public, 1.0);
    let start = Instant::now();
    let route = |route: Route, count: usize| {
        let limiter = limiter.clone();
        async move {
            let mut at = Vec::new();
            for _ in 0..count {
                let permit = limiter.acquire(route).await;
                at.push(start.elapsed().as_millis());
                sleep(Duration::from_millis(250)).await;
                drop(permit);
            }
            at
        }
    };
    let (lists, singles) = tokio::join!(route(Route::List, 4), route(Route::Single, 9));
    assert_eq!(lists, [0, 1000, 2000, 3000], "{singles:?}");
    assert_eq!(singles, [250, 500, 750, 1250, 1500, 1750, 2250, 2500, 2750]);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_back_stops_nobody() {
    let shop = Shop::new();
    sleep(seconds(3_600)).await;
    let before = shop.limiter(Pool::Public, 1.0);
    drop(before.acquire(Route::List).await);
    // An hour back: what the book says is an hour ahead. Also for one that looked at it then.
    let wall = Wall::Virtual(Instant::now());
    let ledger = Ledger::open(shop.folder.path(), wall.clone()).unwrap();
    let after = Limiter::new(Pool::Public, 1.0, ledger, wall);
    assert_eq!(arrivals(&after, Route::List, 2).await, [0, 1000]);
}

#[tokio::test(start_paused = true)]
async fn while_the_service_is_down_only_a_probe_goes() {
    let shop = Shop::new();
    let limiter = shop.limiter(Pool::Polite, 1.0);
    limiter.close(true);
    let waiting = [Route::List, Route::Single].map(|route| {
        let limiter = limiter.clone();
        tokio::spawn(async move { drop(limiter.acquire(route).await) })
    });
    sleep(seconds(9)).await;
    assert!(waiting.iter().all(|task| !task.is_finished()));
    drop(limiter.acquire_probe(Route::Single).await);
    limiter.close(false);
    for task in waiting {
        task.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_book_that_nobody_can_write_is_no_licence() {
    let shop = Shop::new();
    let limiter = shop.limiter(Pool::Public, 1.0);
    assert_eq!(arrivals(&limiter, Route::List, 1).await, [0]);
    // Somebody empties it.
    let book = shop.folder.path().join("book");
    std::fs::write(&book, "").unwrap();
    assert_eq!(arrivals(&limiter, Route::List, 2).await, [1000, 2000]);
    // Somebody keeps it.
    let held = std::fs::File::open(&book).unwrap();
    held.lock().unwrap();
    let at = arrivals(&limiter, Route::List, 3).await;
    assert!(at[0] >= 5_000 && at[2] - at[0] == 2_000, "{at:?}");
}

#[tokio::test(start_paused = true)]
async fn nobody_spins_while_another_process_is_in_the_way() {
    let shop = Shop::new();
    let (one, other) = (
        shop.limiter(Pool::Public, 1.0),
        shop.limiter(Pool::Public, 1.0),
    );
    let held = other.acquire(Route::Single).await;
    let waiting = [Route::List, Route::Single].map(|route| {
        let limiter = one.clone();
        tokio::spawn(async move { drop(limiter.acquire(route).await) })
    });
    // In stopped time this would never pass.
    sleep(seconds(30)).await;
    drop(held);
    for task in waiting {
        task.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn other_processes_wait_for_a_connection_that_is_being_set_up() {
    let shop = Shop::new();
    let (one, other) = (
        shop.limiter(Pool::Polite, 1.0),
        shop.limiter(Pool::Polite, 1.0),
    );
    let first = one.acquire(Route::List).await;
    first.opening().begin();
    let (at, ()) = tokio::join!(arrivals(&other, Route::List, 2), async {
        sleep(Duration::from_millis(400)).await;
        first.arrived(&HeaderMap::new());
    });
    assert_eq!(at, [734, 1068]);
    // One that dies meanwhile keeps nobody for long.
    let lost = one.acquire(Route::List).await;
    lost.opening().begin();
    assert_eq!(arrivals(&other, Route::List, 1).await, [2_000]);
    drop(lost);
}

#[tokio::test(start_paused = true)]
async fn open_requests_that_never_end_are_not_waited_for() {
    let shop = Shop::new();
    let (one, other) = (
        shop.limiter(Pool::Public, 1.0),
        shop.limiter(Pool::Public, 1.0),
    );
    let _stuck = one.acquire(Route::Single).await;
    let at = arrivals(&other, Route::Single, 1).await;
    assert!((90_000..91_000).contains(&at[0]), "{at:?}");
}
