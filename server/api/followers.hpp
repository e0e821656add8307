#pragma once

#include "server/api/services.hpp"

namespace khochung::api {

/// The material was changed just now. Those who follow it are told at once; without this within
/// minutes.
void tell_followers(const Services& services, const Material& material);

}  // namespace khochung::api
