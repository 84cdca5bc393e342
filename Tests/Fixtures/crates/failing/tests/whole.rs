//! An integration test that passes, so that there are several test programs.

#[test]
fn four_is_four() {
    assert_eq!(failing::add(2, 2), 4);
}
