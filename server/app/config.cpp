#include "server/app/config.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <functional>
#include <map>

#include "storage/catalogue/connection.hpp"

namespace khochung::app {
namespace {

using storage::VerifyOnRead;

constexpr std::int64_t most_days = 3650;
constexpr std::int64_t most_gib = 1'000'000;
constexpr std::int64_t most_per_second = 1'000'000;

/// Takes one value; gives what it should have been when it is not that.
using Take = std::function<std::optional<std::string>(const toml::node& value)>;
using Section = std::map<std::string, Take, std::less<>>;

Take text(std::optional<std::string>& into) {
  return [&into](const toml::node& value) -> std::optional<std::string> {
    into = value.value_exact<std::string>();
    if (into && !into->empty()) return std::nullopt;
    return "a text";
  };
}

Take text(std::string& into) {
  return [&into](const toml::node& value) -> std::optional<std::string> {
    const auto read = value.value_exact<std::string>();
    if (!read) return "a text";
    into = *read;
    return std::nullopt;
  };
}

Take flag(bool& into) {
  return [&into](const toml::node& value) -> std::optional<std::string> {
    const auto read = value.value_exact<bool>();
    if (!read) return "true or false";
    into = *read;
    return std::nullopt;
  };
}

Take texts(std::vector<std::string>& into) {
  return [&into](const toml::node& value) -> std::optional<std::string> {
    const auto* list = value.as_array();
    if (list == nullptr) return "a list of texts";
    for (const auto& one : *list) {
      const auto read = one.value_exact<std::string>();
      if (!read || read->empty()) return "a list of texts";
      into.push_back(*read);
    }
    return std::nullopt;
  };
}

template <typename Use>
Take number(std::int64_t least, std::int64_t most, Use use) {
  return [=](const toml::node& value) -> std::optional<std::string> {
    const auto read = value.value_exact<std::int64_t>();
    if (!read || *read < least || *read > most)
      return fmt::format("a whole number from {} to {}", least, most);
    use(*read);
    return std::nullopt;
  };
}

Take gibibytes(std::uint64_t& into) {
  return number(1, most_gib,
                [&into](std::int64_t gib) { into = static_cast<std::uint64_t>(gib) << 30U; });
}

/// So often a second; what was not asked for gathers for as long as it does without the line.
Take rate(http::RateLimiter::Rate& into) {
  return number(0, most_per_second, [&into](std::int64_t per_second) {
    const auto seconds = into.burst / into.per_second;
    into = {static_cast<double>(per_second), static_cast<double>(per_second) * seconds};
  });
}

Take proxy_header(http::TrustedProxies::Speech& into) {
  return [&into](const toml::node& value) -> std::optional<std::string> {
    using enum http::TrustedProxies::Speech;
    const auto read = value.value_exact<std::string>();
    if (read != "x-forwarded-for" && read != "forwarded")
      return R"("x-forwarded-for" or "forwarded")";
    into = read == "forwarded" ? forwarded : x_forwarded;
    return std::nullopt;
  };
}

Take share(double& into) {
  return [&into](const toml::node& value) -> std::optional<std::string> {
    const auto read = value.value<double>();
    if (!read || !(*read > 0) || *read > 1) return "a share above 0 and up to 1";
    into = *read;
    return std::nullopt;
  };
}

Take postgres_address(std::string& into) {
  return [&into](const toml::node& value) -> std::optional<std::string> {
    const auto read = value.value_exact<std::string>();
    if (!read || storage::engine_of(*read) != storage::Engine::postgres)
      return R"(an address that begins with "postgresql://")";
    into = *read;
    return std::nullopt;
  };
}

Take policy(VerifyOnRead& into) {
  return [&into](const toml::node& value) -> std::optional<std::string> {
    const auto read = value.value_exact<std::string>();
    const auto known = read ? storage::verify_on_read_from(*read) : std::nullopt;
    if (!known) return R"("always", "fresh" or "never")";
    into = *known;
    return std::nullopt;
  };
}

/// A text of [mail], which is there when any line of it is.
Take mail_text(Config& config, std::string Config::Mail::* member) {
  return [&config, member](const toml::node& value) -> std::optional<std::string> {
    const auto read = value.value_exact<std::string>();
    if (!read || read->empty()) return "a text";
    if (!config.mail) config.mail.emplace();
    (*config.mail).*member = *read;
    return std::nullopt;
  };
}

/// A text of [oidc], which is there when any line of it is; so are its lists and its table.
Take oidc_text(Config& config, std::string Config::Oidc::* member) {
  return [&config, member](const toml::node& value) -> std::optional<std::string> {
    const auto read = value.value_exact<std::string>();
    if (!read || read->empty()) return "a text";
    if (!config.oidc) config.oidc.emplace();
    (*config.oidc).*member = *read;
    return std::nullopt;
  };
}

Take oidc_texts(Config& config, std::vector<std::string> Config::Oidc::* member) {
  return [&config, member](const toml::node& value) -> std::optional<std::string> {
    if (!config.oidc) config.oidc.emplace();
    auto& into = (*config.oidc).*member;
    into.clear();
    return texts(into)(value);
  };
}

std::optional<std::string> take_grant(const toml::table& table, Config::Oidc::Grant& grant) {
  const std::map<std::string_view, std::string*> members{{"claim", &grant.claim},
                                                         {"value", &grant.value},
                                                         {"unit", &grant.unit},
                                                         {"unit_claim", &grant.unit_claim},
                                                         {"role", &grant.role}};
  for (const auto& [key, value] : table) {
    const auto member = members.find(key.str());
    const auto read = value.value_exact<std::string>();
    if (member == members.end() || !read || read->empty())
      return "tables of texts: claim and value, unit or unit_claim, role";
    *member->second = *read;
  }
  return std::nullopt;
}

Take oidc_grants(Config& config) {
  return [&config](const toml::node& value) -> std::optional<std::string> {
    const auto* list = value.as_array();
    if (list == nullptr) return "tables, [[oidc.grants]]";
    if (!config.oidc) config.oidc.emplace();
    for (const auto& one : *list) {
      if (!one.is_table()) return "tables, [[oidc.grants]]";
      if (auto expected = take_grant(*one.as_table(), config.oidc->grants.emplace_back()))
        return expected;
    }
    return std::nullopt;
  };
}

/// Everything that the file may say.
std::map<std::string, Section, std::less<>> sections_of(Config& config) {
  return {
      {"server",
       {{"listen", text(config.listen)},
        {"tls_cert", text(config.tls_certificate)},
        {"tls_key", text(config.tls_key)},
        {"origin", text(config.origin)},
        {"site_name", text(config.site_name)},
        {"proxies", texts(config.proxies)},
        {"proxy_header", proxy_header(config.proxy_header)},
        {"access_log", text(config.access_log)},
        {"access_log_mib", number(1, 10'000,
                                  [&config](std::int64_t mib) {
                                    config.access_log_bytes = static_cast<std::size_t>(mib) << 20U;
                                  })},
        {"access_log_files", number(1, 10'000,
                                    [&config](std::int64_t files) {
                                      config.access_log_files = static_cast<std::size_t>(files);
                                    })},
        {"ocr_threads", number(1, 256,
                               [&config](std::int64_t threads) {
                                 config.ocr_threads = static_cast<int>(threads);
                               })}}},
      {"limits",
       {{"search_per_second", rate(config.rates.search)},
        {"picture_per_second", rate(config.rates.picture)},
        {"bulk_per_second", rate(config.rates.bulk)},
        {"change_per_second", rate(config.rates.change)}}},
      {"store",
       {{"blobs", text(config.blobs)},
        {"replicas", texts(config.replicas)},
        {"cache_gib", gibibytes(config.cache_bytes)},
        {"verify_on_read", policy(config.verify_on_read)}}},
      {"catalogue", {{"location", postgres_address(config.catalogue)}}},
      {"accounts",
       {{"strict_lockout", flag(config.accounts.has_strict_lockout)},
        {"idle_days", number(1, most_days,
                             [&config](std::int64_t days) {
                               config.accounts.idle_limit = std::chrono::days(days);
                             })},
        {"administrators_need_second_step",
         flag(config.accounts.administrators_need_second_step)}}},
      {"uploads",
       {{"file_gib", gibibytes(config.uploads.max_file_bytes)},
        {"unit_gib", gibibytes(config.uploads.max_unit_bytes)},
        {"days", number(1, most_days,
                        [&config](std::int64_t days) {
                          config.uploads.lifetime = std::chrono::hours(24) * days;
                        })}}},
      {"mail",
       {{"server", mail_text(config, &Config::Mail::server)},
        {"user", mail_text(config, &Config::Mail::user)},
        {"password_file", mail_text(config, &Config::Mail::password_file)},
        {"from", mail_text(config, &Config::Mail::from)},
        {"from_name", mail_text(config, &Config::Mail::from_name)},
        {"ca_file", mail_text(config, &Config::Mail::ca_file)}}},
      {"oidc",
       {{"issuer", oidc_text(config, &Config::Oidc::issuer)},
        {"client_id", oidc_text(config, &Config::Oidc::client_id)},
        {"client_secret_file", oidc_text(config, &Config::Oidc::client_secret_file)},
        {"name", oidc_text(config, &Config::Oidc::name)},
        {"name_en", oidc_text(config, &Config::Oidc::name_en)},
        {"name_claim", oidc_text(config, &Config::Oidc::name_claim)},
        {"ca_file", oidc_text(config, &Config::Oidc::ca_file)},
        {"scopes", oidc_texts(config, &Config::Oidc::scopes)},
        {"second_factor_values", oidc_texts(config, &Config::Oidc::second_factor_values)},
        {"rights_days", number(1, most_days,
                               [&config](std::int64_t days) {
                                 if (!config.oidc) config.oidc.emplace();
                                 config.oidc->rights_last = std::chrono::days(days);
                               })},
        {"grants", oidc_grants(config)}}},
      {"scrub",
       {{"days", number(1, most_days,
                        [&config](std::int64_t days) {
                          config.scrub.period = std::chrono::hours(24) * days;
                        })},
        {"share", share(config.scrub.share)}}},
  };
}

auto wrong(const std::filesystem::path& file, const toml::source_region& where,
           std::string_view what) {
  return fail(ErrorCode::bad_input,
              fmt::format("{}, line {}: {}", file.string(), where.begin.line, what));
}

Result<void> take_section(const std::filesystem::path& file, const std::string& name,
                          const toml::table& table, const Section& section) {
  for (const auto& [key, value] : table) {
    const auto known = section.find(key.str());
    if (known == section.end())
      return wrong(file, key.source(), fmt::format("[{}] has no \"{}\"", name, key.str()));
    if (const auto expected = known->second(value))
      return wrong(file, value.source(), fmt::format("{} must be {}", key.str(), *expected));
  }
  return {};
}

}  // namespace

Result<Config> Config::read(const std::filesystem::path& file) {
  Config config;
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) return config;
  const auto sections = sections_of(config);
  try {
    const auto document = toml::parse_file(file.string());
    for (const auto& [name, node] : document) {
      const auto known = sections.find(name.str());
      if (known == sections.end() || !node.is_table())
        return wrong(file, name.source(), fmt::format("there is no [{}]", name.str()));
      KHOCHUNG_CHECK(take_section(file, known->first, *node.as_table(), known->second));
    }
  } catch (const toml::parse_error& problem) {
    return wrong(file, problem.source(), problem.description());
  }
  return config;
}

}  // namespace khochung::app
