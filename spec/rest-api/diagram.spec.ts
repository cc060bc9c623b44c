// The diagram of a source: who feeds whom, without secrets.
import { expect } from 'chai';
import { restApi } from '../../lib/rest-api/index.js';

describe('the diagram of a source', () => {
  it('shows resources, parents, paginators and tables, and no secret', () => {
    const source = restApi(
      {
        client: { base_url: 'https://api.example.com', auth: { type: 'bearer', token: '{secrets.token}' } },
        resources: [
          { name: 'posts', endpoint: { paginator: { type: 'offset', limit: 10 } } },
          { name: 'hidden', selected: false },
          {
            name: 'comments "new"',
            table_name: 'comments',
            primary_key: 'id',
            write_disposition: 'merge',
            endpoint: { path: 'posts/{resources.posts.id}/comments', params: { key: '{secrets.token}' } },
          },
          { name: 'split', table_name: { by: 'item.type', tables: ['a', 'b'] } },
          { name: 'events', table_name: (row) => row['type'] as string, write_disposition: () => 'append' },
        ],
      },
      { secrets: { token: 's3cret' } },
    );
    expect(source.diagram().split('\n')).to.deep.equal([
      'flowchart LR',
      '  r0["posts<br/>GET posts<br/>offset"]',
      '  api(["the API"]) --> r0',
      '  r0 -- append --> tr0[("posts")]',
      '  r1["hidden<br/>GET hidden<br/>auto"]',
      '  api(["the API"]) --> r1',
      '  r2["comments #34;new#34;<br/>GET posts/#123;resources.posts.id#125;/comments<br/>auto"]',
      '  r0 -- "each row" --> r2',
      '  r2 -- merge --> tr2[("comments")]',
      '  r3["split<br/>GET split<br/>auto"]',
      '  api(["the API"]) --> r3',
      '  r3 -- append --> tr3[("a, b")]',
      '  r4["events<br/>GET events<br/>auto"]',
      '  api(["the API"]) --> r4',
      '  r4 -- by row --> tr4[("tables by row")]',
    ]);
    expect(source.diagram()).to.not.contain('s3cret');
  });
});
