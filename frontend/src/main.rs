//! The program that the browser starts.

fn main() {
    console_error_panic_hook::set_once();
    kaiwa_frontend::mount();
}
