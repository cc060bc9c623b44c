// Text that is easily broken on its way: the seeds of the real servers build their names from it.

export const words: readonly string[] = [
  'Ωmega',
  'naïve',
  '日本語',
  '🌊 wave',
  'quote " and \\',
  'tab\tline\nend',
  'ascii',
  'e\u0301 combining',
];
