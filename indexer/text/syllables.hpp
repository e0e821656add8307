#pragma once

#include <string_view>

namespace khochung::text {

/// Whether a marked form (see vietnamese.hpp) is spelled as a Vietnamese syllable: an onset, a
/// rhyme that may follow it, a tone that the rhyme may carry. Says nothing about whether it is in
/// use. Source: the orthography in force (Quyết định 240/QĐ, 1984), as lists of onsets and rhymes.
bool is_syllable(std::string_view marked);

}  // namespace khochung::text
