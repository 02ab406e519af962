// The parts of the API that stand alone: rate limit, metrics, and the page's files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include <zlib.h>
#include <filesystem>
#include <fstream>
#include <string>

#include "backend/routes/gzip.hpp"
#include "backend/routes/metrics.hpp"
#include "backend/routes/rate_limit.hpp"
#include "backend/routes/static_site.hpp"

namespace pourtocol::routes {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr Instant start{std::chrono::hours{1}};

TEST(RateLimit, LetsABurstThroughAndThenAsManyAsFlowIn) {
  RateLimit limit{{.burst = 3, .per_second = 10}};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.allow("a", start));
  EXPECT_FALSE(limit.allow("a", start));
  EXPECT_TRUE(limit.allow("b", start)) << "each address has its own";
  EXPECT_TRUE(limit.allow("a", start + milliseconds{100}));
  EXPECT_FALSE(limit.allow("a", start + milliseconds{110}));
}

TEST(RateLimit, CanBeSwitchedOff) {
  RateLimit limit{{.burst = 0, .per_second = 0}};
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(limit.allow("a", start));
}

TEST(RateLimit, RemembersABoundedNumberOfAddresses) {
  RateLimit limit{{.burst = 1, .per_second = 0.001, .addresses_max = 2}};
  EXPECT_TRUE(limit.allow("a", start));
  EXPECT_TRUE(limit.allow("b", start));
  EXPECT_TRUE(limit.allow("c", start));
  EXPECT_TRUE(limit.allow("c", start)) << "not remembered, so let through";
  EXPECT_FALSE(limit.allow("a", start));
  EXPECT_TRUE(limit.allow("d", start + std::chrono::hours{1})) << "a and b are full: forgotten";
  EXPECT_FALSE(limit.allow("d", start + std::chrono::hours{1}));
}

TEST(Metrics, AreInPrometheusFormat) {
  Metrics metrics;
  metrics.count_answer("/api/status", 200);
  metrics.count_answer("/api/status", 200);
  metrics.count_pour(control::PourState::partial);
  const std::string text =
      metrics.text({.http = {.connections = 5, .unsent_bytes = 7}, .taps = 3, .uptime_s = 1.5});
  EXPECT_THAT(text, HasSubstr("# TYPE pourtocol_http_requests_total counter\n"));
  EXPECT_THAT(text,
              HasSubstr("pourtocol_http_requests_total{route=\"/api/status\",status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("pourtocol_pours_total{outcome=\"partial\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("outcome=\"sending\"")));
  EXPECT_THAT(text, HasSubstr("pourtocol_http_connections 5\n"));
  EXPECT_THAT(text, HasSubstr("pourtocol_http_unsent_bytes 7\n"));
  EXPECT_THAT(text, HasSubstr("pourtocol_uptime_seconds 1.5\n"));
}

TEST(AcceptEncoding, IsReadWithItsWeights) {
  EXPECT_TRUE(accepts_coding("gzip, deflate, br", "br"));
  EXPECT_TRUE(accepts_coding("br;q=0.5", "br"));
  EXPECT_FALSE(accepts_coding("br;q=0", "br"));
  EXPECT_FALSE(accepts_coding("br; q=0.000, gzip", "br"));
  EXPECT_FALSE(accepts_coding("", "br"));
  EXPECT_FALSE(accepts_coding("brotli", "br"));
}

class StaticFiles : public testing::Test {
 protected:
  StaticFiles() {
    write("index.html", "<html>page</html>");
    write("favicon.svg", "<svg/>");
    write("assets/index-3KfDFnCH.js", "plain");
    write("assets/index-3KfDFnCH.js.br", "brotli");
    write("assets/index-3KfDFnCH.js.gz", "gzip");
    write("assets/logo.svg", "<svg/>");
    write("orphan.js.gz", "of nothing");
  }
  ~StaticFiles() override { fs::remove_all(root_); }

  void write(const fs::path& name, std::string_view content) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream{root_ / name} << content;
  }
  /// The answer to GET, as head and body.
  struct Got {
    int status;
    std::string head;
    std::string body;
  };
  Got get(std::string_view path, std::vector<http::Field> fields = {}) {
    const StaticSite site{root_};
    http::Request request;
    request.method = http::Method::get;
    request.path = path;
    request.fields = fields;
    const auto response = site.get(request);
    return {response->status(), std::string{response->head()}, std::string{response->body()}};
  }

  fs::path root_ =
      fs::temp_directory_path() / ("pourtocol-site-" + std::to_string(::getpid()) + "-" +
                                   testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(StaticFiles, ServeThePageUnderItsFolder) {
  const Got page = get("/");
  EXPECT_EQ(page.body, "<html>page</html>");
  EXPECT_THAT(page.head, HasSubstr("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_THAT(page.head, HasSubstr("Cache-Control: no-cache\r\n"));
  EXPECT_THAT(page.head, HasSubstr("script-src 'self' 'wasm-unsafe-eval';"));
  EXPECT_THAT(page.head, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(page.head, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(page.head, HasSubstr("Referrer-Policy: same-origin\r\n"));
}

TEST_F(StaticFiles, KeepHashedFilesForEverAndOthersNot) {
  EXPECT_THAT(get("/assets/index-3KfDFnCH.js").head,
              HasSubstr("Cache-Control: public, max-age=31536000, immutable\r\n"));
  EXPECT_THAT(get("/assets/logo.svg").head, HasSubstr("Cache-Control: no-cache\r\n"));
}

TEST_F(StaticFiles, ServeTheSmallestFormTheClientTakes) {
  const auto get_with = [&](std::string_view codings) {
    return get("/assets/index-3KfDFnCH.js", {{"Accept-Encoding", codings}});
  };
  EXPECT_EQ(get_with("gzip, br").body, "brotli");
  EXPECT_THAT(get_with("gzip, br").head, HasSubstr("Content-Encoding: br\r\n"));
  EXPECT_THAT(get_with("gzip, br").head, HasSubstr("Vary: Accept-Encoding\r\n"));
  EXPECT_EQ(get_with("gzip").body, "gzip");
  EXPECT_EQ(get_with("").body, "plain");
  EXPECT_THAT(get_with("").head, Not(HasSubstr("Content-Encoding")));
}

/// What gzip makes of 100,000 times the letter `a`.
std::string many_letters_packed() {
  std::string packed(1'000, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string content(100'000, 'a');
  stream.next_in = reinterpret_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

TEST_F(StaticFiles, AreHeldPackedAndUnpackedForWhoeverTakesThemSo) {
  const std::string content(100'000, 'a');
  write("reader.wasm", content);
  const std::string head = get("/reader.wasm").head;
  write("reader.wasm.gz", many_letters_packed());
  StaticSite site{root_};
  const std::size_t held = site.bytes_held();
  EXPECT_LT(held, 1'000U);
  http::Request request;
  request.path = "/reader.wasm";
  const auto unpacked = site.get(request);
  EXPECT_EQ(unpacked->body(), content);
  EXPECT_EQ(unpacked->head(), head) << "nobody can tell";
  EXPECT_EQ(site.get(request), unpacked) << "not unpacked each time";
  site.forget_unpacked();
  EXPECT_EQ(site.get(request), unpacked) << "it was asked for";
  site.forget_unpacked();
  site.forget_unpacked();
  EXPECT_EQ(site.bytes_held(), held);
  EXPECT_EQ(unpacked->body(), content) << "who is being sent it, is sent it";
  EXPECT_EQ(site.get(request), unpacked) << "there is never a second one beside it";
}

TEST_F(StaticFiles, AreHeldAsTheyAreBesideAPackedFormOfSomethingElse) {
  std::string content(99'999, 'a');
  content += 'b';
  write("reader.wasm", content);
  write("reader.wasm.gz", many_letters_packed());
  EXPECT_EQ(get("/reader.wasm").body, content);
}

TEST_F(StaticFiles, AreHeldInOneFormWhereTheyAreBig) {
  write("reader.wasm", std::string(300'000, 'a'));
  write("reader.wasm.br", std::string(200'000, 'b'));
  write("reader.wasm.gz", "gzip");
  EXPECT_EQ(get("/reader.wasm", {{"Accept-Encoding", "gzip, br"}}).body, "gzip");
  fs::remove(root_ / "reader.wasm.gz");
  EXPECT_EQ(get("/reader.wasm", {{"Accept-Encoding", "gzip, br"}}).body, std::string(200'000, 'b'));
}

TEST(Gunzip, TakesWholeFilesWithinTheirBoundOnly) {
  const std::string packed = many_letters_packed();
  EXPECT_EQ(gunzip(packed, 100'000), std::string(100'000, 'a'));
  EXPECT_EQ(gunzip(packed, 200'000), std::string(100'000, 'a'));
  EXPECT_EQ(gunzip(packed, 99'999), std::nullopt);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(gunzip(packed.substr(0, size), 100'000), std::nullopt) << size;
  }
  EXPECT_EQ(gunzip(packed + "x", 100'000), std::nullopt);
  std::string damaged = packed;
  damaged[packed.size() - 6] ^= 1;  // of the checksum
  EXPECT_EQ(gunzip(damaged, 100'000), std::nullopt);
}

TEST_F(StaticFiles, SendNothingAgainThatTheClientHas) {
  const std::string head = get("/").head;
  const std::size_t at = head.find("ETag: ") + 6;
  const std::string etag = head.substr(at, head.find("\r\n", at) - at);
  const Got again = get("/", {{"If-None-Match", etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_THAT(again.head, HasSubstr("ETag: " + etag));
  EXPECT_EQ(get("/", {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST_F(StaticFiles, GiveThePageForPathsOfItsOwn) {
  for (const auto* path : {"/", "/host", "/host/log", "/HOST", "/wall", "/tap/bar", "/b/some-badge",
                           "/B/ADA", "/b/50%"}) {
    for (const auto* accept : {"text/html,*/*", "*/*", "text/*", ""}) {
      EXPECT_EQ(get(path, {{"Accept", accept}}).body, "<html>page</html>") << path << accept;
    }
    EXPECT_EQ(get(path).body, "<html>page</html>") << path << ": nothing said of what is wanted";
  }
  EXPECT_EQ(get("/b/some-badge", {{"Accept", "image/avif,image/webp"}}).status, 404);
  EXPECT_EQ(get("/nowhere", {{"Accept", "text/html"}}).body, "<html>page</html>");
  for (const auto* path : {"/assets/gone.js", "/nowhere", "/hostess", "/walls", "/bar", "/b%2F"}) {
    EXPECT_EQ(get(path, {{"Accept", "*/*"}}).status, 404) << path;
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST_F(StaticFiles, ServeNothingFromOutside) {
  write("../outside-" + root_.filename().string(), "secret");
  for (const auto* path : {"/../outside", "/..%2foutside", "/%2e%2e/outside", "//etc/passwd",
                           "/index.html%00", "/%", "/orphan.js"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  fs::remove(root_ / ("../outside-" + root_.filename().string()));
}

TEST_F(StaticFiles, SayHowToBuildAPageThatIsMissing) {
  const StaticSite site{root_ / "nowhere"};
  http::Request request;
  request.path = "/";
  const auto response = site.get(request);
  EXPECT_EQ(response->status(), 503);
  EXPECT_THAT(std::string{response->body()}, HasSubstr("./dev build"));
  request.path = "/host";
  EXPECT_EQ(site.get(request)->status(), 503);
  request.path = "/assets/index.js";
  EXPECT_EQ(site.get(request)->status(), 404);
}

}  // namespace
}  // namespace pourtocol::routes
