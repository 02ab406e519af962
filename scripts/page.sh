# Node, the web page and its tests. Sourced by ./dev.
# Vite 7 wants Node 20.19 or newer. Debian 12 has 18: there a newer one comes from npm, in .tools/.

has_new_node() {
  command -v node >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    const new_enough = { 20: 19, 22: 12 }[major] ?? (major > 22 ? 0 : Infinity);
    process.exit(minor >= new_enough ? 0 : 1);
  ' 2>/dev/null
}

has_node_and_npm() { has_new_node && command -v npm >/dev/null; }

need_node() {
  PATH=$PWD/.tools/node/bin:$PATH
  need_packages page
  hash -r
  has_new_node && return 0
  local machine
  case $(uname -m) in
    x86_64) machine=x64 ;;
    aarch64) machine=arm64 ;;
    *) die "there is no ready-made Node for $(uname -m): install Node 20.19 or newer yourself" ;;
  esac
  heading "Fetching a newer Node than this Debian has (once)"
  quietly node-fetch npm install --no-save --no-audit --no-fund --ignore-scripts \
    --prefix .tools/fetched "node-linux-$machine@22"
  mkdir -p .tools/node/bin
  cp ".tools/fetched/node_modules/node-linux-$machine/bin/node" .tools/node/bin/node
  rm -rf .tools/fetched
  hash -r
  has_new_node || die "the Node in .tools/node does not run here; delete .tools and try again"
}

# need_page_packages: `npm ci`, only when the lock file is another one than last time.
need_page_packages() {
  need_node
  local lock
  lock=$(hash_of_text <frontend/package-lock.json)
  [[ -d frontend/node_modules ]] && unchanged page-packages "$lock" && return 0
  heading "Installing the page's npm packages (once)"
  quietly npm-ci npm --prefix frontend ci --ignore-scripts --no-audit --no-fund
  remember page-packages "$lock"
}

# The server's document is a source too: the page's types are checked against it.
page_sources_hash() {
  hash_of_tree backend/routes/openapi.json frontend -not -path 'frontend/node_modules/*' \
    -not -path 'frontend/dist/*' -not -path 'frontend/test-results/*' \
    -not -path 'frontend/generated/*' -not -path 'frontend/playwright-report/*'
}

# build_page: frontend/dist, and a copy where the server beside it looks for the page.
build_page() {
  local sources www=build/release/share/pourtocol/www
  sources=$(page_sources_hash)
  [[ -f $www/index.html ]] && unchanged page "$sources" && return 0
  need_page_packages
  heading "Building the page"
  quietly page-build npm --prefix frontend run build
  rm -rf "$www"
  mkdir -p "$www"
  cp -R frontend/dist/. "$www/"
  remember page "$sources"
}
