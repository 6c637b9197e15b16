# What CI runs, by name.

# Build, and diagnose a sample.
demo:
    cargo run --release -- samples/nx-modules-missing/*.log

# Everything that must pass before a change lands.
check: test
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    cargo run --release --quiet -- rules check

test:
    cargo test --release

# With a Docker engine.
docker:
    cargo test --release --test docker -- --ignored

# The HTML report in a browser; pictures go to target/html.
html:
    mkdir -p target/html
    .ci/html target/html

# The pages of the book that are made from the program.
book:
    cargo run --example book

# Program, package, image, completions and manual into target/dist, each tried on a clean root.
dist:
    .ci/dist

# Read new snapshots after a change of the report.
snapshots:
    INSTA_UPDATE=always cargo test --release samples

bench:
    benches/run
