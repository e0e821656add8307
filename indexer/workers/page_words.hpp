#pragma once

#include <string>
#include <vector>

#include "storage/derivatives/derivative_store.hpp"

/// What is done with the words of a page once they are read. Pure functions.
namespace khochung::workers {

/// What stands before a word.
enum class Break { blank, line, paragraph };

struct ReadWord {
  storage::PageWord word;
  Break before = Break::blank;
};
using ReadWords = std::vector<ReadWord>;

/// The words as text, line by line.
std::string text_of(const ReadWords& words);

/// Mean confidence, each word by its letters; 0 without words.
double mean_confidence(const ReadWords& words);

/// How many letters were read surely, less those that were read badly: what two readings of one
/// page are compared by.
double sure_letters(const ReadWords& words);

/// Joins what was torn off the beginning of a syllable ("N gười"): consonants that are no word by
/// themselves, nearer to what follows than words of their line stand from each other.
ReadWords joined(ReadWords words);

/// Leaves out what is smaller than a letter of `text_height` pixels and badly read: specks and the
/// shadow of a lid are taken for words.
ReadWords without_specks(ReadWords words, double text_height);

/// Leaves out lines that are no text: badly read, and hardly a Vietnamese syllable in them.
ReadWords without_noise(ReadWords words);

/// `words`, and where one of them is doubtful, what `other` read surely in the same place.
ReadWords with_better_words(ReadWords words, const ReadWords& other);

}  // namespace khochung::workers
