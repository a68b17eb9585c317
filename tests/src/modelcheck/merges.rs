//! Whether two histories that are taken for one come to the same: so it is seen that a state's key leaves nothing out.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::action::Action;
use super::beginning::Beginning;
use super::world::World;

/// One in so many.
pub(super) const EVERY: u64 = 64;
/// How many actions are taken on from there.
const FURTHER: usize = 8;

/// Goes on from both, at random and alike, and looks each time at all that can happen next. What is different, if anything is.
pub(super) fn differ(beginning: &Beginning, mut ways: [Vec<Action>; 2], rng: &mut Rng) -> Option<String> {
    for _ in 0..FURTHER {
        let [one, other] = ways.each_ref().map(|way| next(beginning, way));
        if !one.keys().eq(other.keys()) {
            let only = |here: &Next, there: &Next| -> Vec<_> {
                here.clone().into_iter().filter(|(next, _)| !there.contains_key(next)).collect()
            };
            return Some(format!(
                "two histories were taken for one, and go on differently: by {ways:?}, and then\n{:?} or\n{:?}",
                only(&one, &other),
                only(&other, &one),
            ));
        }
        let (alive, _): (Vec<_>, Vec<_>) = one.iter().partition(|((_, is_violated), _)| !is_violated);
        let (next, action) = rng.choice(alive)?;
        let [way, other_way] = &mut ways;
        way.push(*action);
        other_way.push(*other.get(next)?);
    }
    None
}

/// What can happen next: what that comes to, and whether it must not be.
type Next = BTreeMap<(String, bool), Action>;

fn next(beginning: &Beginning, way: &[Action]) -> Next {
    let actions = World::after(beginning, way).actions();
    let taken = actions.into_iter().map(|action| {
        let mut world = World::after(beginning, way);
        world.take(action);
        world.look();
        ((world.text(), world.violation().is_some()), action)
    });
    taken.collect()
}
