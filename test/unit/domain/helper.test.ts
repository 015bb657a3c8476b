import { describe, expect, it } from 'vitest';
import { helperUses } from '../../../src/domain/helper.ts';

const FTP = { module: 'nf_conntrack_ftp', builtIn: false, ports: [21, 2_121] };
const H323 = { module: 'nf_conntrack_h323', builtIn: true };

describe('the helpers of a host', () => {
  it('have the entries and expectations that name them, and the ports of their module', () => {
    expect(helperUses([FTP], { ftp: 3, 'ftp-2121': 1 }, { ftp: 2 })).toEqual([
      {
        name: 'ftp',
        module: 'nf_conntrack_ftp',
        builtIn: false,
        protocols: [{ protocol: 'tcp', ports: [21, 2_121] }],
        entries: 3,
        expectations: 2,
      },
      {
        name: 'ftp-2121',
        module: 'nf_conntrack_ftp',
        builtIn: false,
        protocols: [{ protocol: 'tcp', ports: [21, 2_121] }],
        entries: 1,
        expectations: 0,
      },
    ]);
  });

  it('include all of a module, with their usual ports, of a legacy kernel too', () => {
    expect(helperUses([H323], {}, {}).map(({ name, protocols }) => [name, protocols])).toEqual([
      ['H.245', [{ protocol: 'tcp', ports: [] }]],
      ['Q.931', [{ protocol: 'tcp', ports: [1_720] }]],
      ['RAS', [{ protocol: 'udp', ports: [1_719] }]],
    ]);
    const [sip] = helperUses([{ module: 'ip_conntrack_sip', builtIn: false }], {}, {});
    expect(sip).toMatchObject({
      name: 'sip',
      protocols: [
        { protocol: 'udp', ports: [5_060] },
        { protocol: 'tcp', ports: [5_060] },
      ],
    });
  });

  it('include those that only entries or expectations name, such as helpers in user space', () => {
    expect(helperUses([], { rpc: 1 }, { dhcpv6: 4 })).toEqual([
      { name: 'dhcpv6', protocols: [], entries: 0, expectations: 4 },
      { name: 'rpc', protocols: [], entries: 1, expectations: 0 },
    ]);
  });

  it('have no counts where these cannot be known, instead of 0', () => {
    expect(helperUses([FTP], undefined, undefined)).toEqual([
      { name: 'ftp', module: 'nf_conntrack_ftp', builtIn: false, protocols: [{ protocol: 'tcp', ports: [21, 2_121] }] },
    ]);
  });
});
