#pragma once

#include "schemas/result.hpp"
#include "server/access/identity_provider.hpp"
#include "server/app/config.hpp"
#include "server/app/data_folder.hpp"

namespace khochung::app {

/// The provider of sign-in that config.toml names. Files are in the data folder unless their path
/// is absolute. Nothing is asked of it yet.
/// Errors: bad_input, in words that name what is wrong in [oidc].
Result<access::ProviderSettings> provider_settings_of(const Config::Oidc& said,
                                                      const DataPaths& paths);

}  // namespace khochung::app
