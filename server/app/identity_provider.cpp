#include "server/app/identity_provider.hpp"

#include <fmt/format.h>

#include <fstream>

namespace khochung::app {
namespace {

tl::unexpected<Error> wrong(const std::string& what) {
  return fail(ErrorCode::bad_input, "[oidc] " + what);
}

/// The first line of the file.
Result<std::string> secret_in(const std::filesystem::path& file) {
  std::ifstream lines(file);
  std::string secret;
  std::getline(lines, secret);
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty())
    return wrong("client_secret_file: " + file.string() + " cannot be read or is empty");
  return secret;
}

Result<access::GrantRule> rule_of(const Config::Oidc::Grant& said, std::size_t number) {
  const auto bad = [&](std::string_view what) {
    return wrong(fmt::format("rule {} of [[oidc.grants]] {}", number, what));
  };
  const auto role = access::role_from(said.role);
  if (!role) return bad("needs a role");
  if (said.unit.empty() == said.unit_claim.empty()) return bad("needs either unit or unit_claim");
  if (said.claim.empty() != said.value.empty()) return bad("needs value with claim");
  if (said.claim.empty() && said.unit_claim.empty() && *role != access::Role::reader)
    return bad("gives everybody more than reading: it needs claim and value");
  return access::GrantRule{said.claim, said.value, said.unit, said.unit_claim, *role};
}

}  // namespace

Result<access::ProviderSettings> provider_settings_of(const Config::Oidc& said,
                                                      const DataPaths& paths) {
  if (said.issuer.empty() || said.client_id.empty() || said.client_secret_file.empty() ||
      said.name.empty())
    return wrong("needs issuer, client_id, client_secret_file and name");
  if (!access::is_provider_address(said.issuer) || said.issuer.find('?') != std::string::npos)
    return wrong("issuer must be https://HOST[:PORT][/PATH], as the provider writes it");
  access::ProviderSettings settings;
  settings.issuer = said.issuer;
  settings.client_id = said.client_id;
  settings.client_secret = KHOCHUNG_TRY(secret_in(paths.root / said.client_secret_file));
  settings.name = said.name;
  settings.name_en = said.name_en.empty() ? said.name : said.name_en;
  settings.scopes = said.scopes;
  settings.name_claim = said.name_claim;
  settings.rights_last = said.rights_last;
  settings.second_factor_values = said.second_factor_values;
  for (const auto& grant : said.grants)
    settings.rules.push_back(KHOCHUNG_TRY(rule_of(grant, settings.rules.size() + 1)));
  if (said.ca_file.empty()) return settings;
  settings.ca_file = (paths.root / said.ca_file).string();
  if (!std::ifstream(settings.ca_file).good())
    return wrong("ca_file: " + settings.ca_file + " cannot be read");
  return settings;
}

}  // namespace khochung::app
