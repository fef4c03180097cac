// @ts-check
/** Words for the `RandomPet` resource. */

const ADVERBS =
  `ably boldly brightly briskly calmly clearly closely coolly daily deeply duly eagerly early
easily evenly fairly firmly fondly freely freshly gently gladly greatly happily highly jointly justly keenly
kindly lightly loudly mainly mildly mostly neatly newly nicely openly partly plainly quickly quietly rarely
readily really richly safely simply slowly smartly softly solely soundly strongly surely truly warmly wisely`.split(
    /\s+/,
  );

const ADJECTIVES =
  `able active agile alert amber ample apt awake blue bold brave brief bright brisk calm clean
clear clever cosy crisp curious dapper daring deft eager early easy fair fast firm fleet fond frank fresh gentle
glad golden grand green happy hardy honest humble jolly keen kind large light lively loyal lucky mellow merry
mild neat nimble noble patient polite proud quick quiet ready robust silver smart snug steady sunny swift tidy
vivid warm wise witty young`.split(/\s+/);

const ANIMALS =
  `adder alpaca ant badger bat bear beaver bee beetle bison boar buzzard camel caribou cat cod condor
cow crab crane cricket crow deer dingo dog dolphin donkey dove duck eagle eel egret elk falcon ferret finch fox
frog gazelle gecko goat goose gull hamster hare hawk hedgehog heron horse ibex ibis jackal jay kestrel kite
kiwi koala lark lemur lion lizard llama lobster lynx magpie mole moose moth mouse newt octopus osprey otter owl
panda parrot pelican penguin perch pheasant pigeon pony puffin quail rabbit raven robin salmon seal shrew skunk
sparrow spider squid starling stork swan swift tapir tern tiger toad trout turtle viper vole walrus wasp weasel
whale wolf wombat wren yak zebra`.split(/\s+/);

/**
 * @param {number} length the number of words
 * @param {(limit: number) => number} draw a number from 0 up to, not including, the limit
 * @returns {string[]} adverbs, then an adjective, then an animal; fewer kinds where the length is less
 */
export function petName(length, draw) {
  return Array.from({ length }, (_, index) => {
    const left = length - index;
    const words = left === 1 ? ANIMALS : left === 2 ? ADJECTIVES : ADVERBS;
    return words[draw(words.length)];
  });
}
