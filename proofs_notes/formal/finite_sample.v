(** T4b [known] and interpolation (blueprint, section 2, T4): with m >= N neurons and inputs that are non-zero
    and pairwise neither parallel nor anti-parallel, every parameter that is not global has depth 0 (squared
    error), and N neurons fit anything. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape Require Import sums relu paths networks transfer readout losses selection slots connectivity
  linear refit rank.
Import ListNotations.
Open Scope R_scope.

(** "non-zero and pairwise neither parallel nor anti-parallel" *)
Definition multiple (n : nat) (a b : vector) : Prop := exists s, forall i, (i < n)%nat -> b i = s * a i.
Definition spread_inputs (X : data) : Prop :=
  (forall k, (k < points X)%nat -> exists i, (i < seen X)%nat /\ input X k i <> 0) /\
  (forall k k', (k < points X)%nat -> (k' < points X)%nat -> k <> k' ->
     ~ multiple (seen X) (input X k) (input X k')).

Lemma nonzero_term {I : Type} (l : list I) (f : I -> R) : lsum l f <> 0 -> exists i, In i l /\ f i <> 0.
Proof.
  induction l as [|i r IH]; simpl; intros H; [now exfalso|].
  destruct (Req_dec (f i) 0) as [E|E]; [|exists i; auto].
  destruct IH as (j & Hj & Hf); [lra|]. exists j; auto.
Qed.

(** a step small enough not to change the sign of finitely many non-zero numbers *)
Lemma small_step (L : list nat) (a b : nat -> R) : (forall j, In j L -> a j <> 0) ->
  exists e, 0 < e /\ forall j, In j L -> Rabs (e * b j) < Rabs (a j).
Proof.
  induction L as [|i L IH]; intros Ha; [exists 1; split; [lra | intros j []]|].
  destruct IH as (e & He & HL); [intros; apply Ha; now right|].
  assert (Hi : 0 < Rabs (a i)) by (apply Rabs_pos_lt, Ha; now left).
  set (d := Rabs (a i) / (Rabs (b i) + 1)). pose proof (Rabs_pos (b i)) as Hb.
  assert (Hd : 0 < d) by (apply Rmult_lt_0_compat; [easy | apply Rinv_0_lt_compat; lra]).
  exists (Rmin e d). split; [now apply Rmin_glb_lt|].
  assert (Hpos : 0 < Rmin e d) by now apply Rmin_glb_lt.
  intros j [<-|Hj]; rewrite Rabs_mult, (Rabs_right (Rmin e d)) by lra.
  - apply Rle_lt_trans with (d * Rabs (b i)); [apply Rmult_le_compat_r; [easy | apply Rmin_r]|].
    apply Rlt_le_trans with (d * (Rabs (b i) + 1)); [nra|]. right. unfold d. field. lra.
  - specialize (HL j Hj). rewrite Rabs_mult, (Rabs_right e) in HL by lra.
    apply Rle_lt_trans with (e * Rabs (b j)); [|easy].
    apply Rmult_le_compat_r; [apply Rabs_pos | apply Rmin_l].
Qed.

Section FiniteSample.
Variable X : data.

Lemma dot_combine a b e v : dot X (fun i => a i + e * b i) v = dot X a v + e * dot X b v.
Proof. unfold dot. rewrite <- lsum_scal, <- lsum_plus. apply lsum_ext; intros; ring. Qed.

Lemma dot_sym a b : dot X a b = dot X b a.
Proof. apply lsum_ext; intros; ring. Qed.

Lemma dot_self_pos v i : (i < seen X)%nat -> v i <> 0 -> 0 < dot X v v.
Proof.
  intros Hi Hv. pose proof (enorm_entry (seen X) v i Hi) as H. pose proof (Rabs_pos_lt _ Hv) as Hpos.
  replace (dot X v v) with ((enorm (seen X) v)^2); [nra|].
  rewrite enorm_sq. apply lsum_ext; intros; ring.
Qed.

(** a direction orthogonal to x_0 and to none of the others *)
Lemma generic_direction (x0 : vector) (L : list nat) :
  (exists i, (i < seen X)%nat /\ x0 i <> 0) -> (forall k, In k L -> ~ multiple (seen X) x0 (input X k)) ->
  exists w, dot X w x0 = 0 /\ forall k, In k L -> dot X w (input X k) <> 0.
Proof.
  intros (i0 & Hi0 & Hx0). pose proof (dot_self_pos x0 i0 Hi0 Hx0) as H00.
  induction L as [|k L IH]; intros Hnot.
  - exists (fun _ => 0). split; [|intros k []]. apply lsum_zero; intros; ring.
  - destruct IH as (w & Hw0 & Hw); [intros; apply Hnot; now right|].
    destruct (Req_dec (dot X w (input X k)) 0) as [E|E].
    2:{ exists w. split; [easy|]. intros j [<-|Hj]; auto. }
    set (s := dot X (input X k) x0 / dot X x0 x0).
    set (r := fun i => input X k i + (- s) * x0 i).
    assert (Hr0 : dot X r x0 = 0) by (unfold r; rewrite dot_combine; unfold s; field; lra).
    assert (Hrr : dot X r (input X k) <> 0).
    { intros Hzero. apply (Hnot k (or_introl eq_refl)). exists s. intros i Hi.
      destruct (Req_dec (r i) 0) as [Er|Er]; [unfold r in Er; lra|]. exfalso.
      pose proof (dot_self_pos r i Hi Er) as Hpos.
      assert (Hself : dot X r r = dot X r (input X k) + (- s) * dot X r x0).
      { unfold r at 2. now rewrite dot_sym, dot_combine, !(dot_sym _ r). }
      rewrite Hself, Hr0, Hzero in Hpos. lra. }
    destruct (small_step L (fun j => dot X w (input X j)) (fun j => dot X r (input X j)) Hw) as (e & He & Hsmall).
    exists (fun i => w i + e * r i). split; [rewrite dot_combine, Hw0, Hr0; ring|].
    intros j Hj. rewrite dot_combine. destruct Hj as [<-|Hj].
    + rewrite E. assert (e * dot X r (input X k) <> 0) by (apply Rmult_integral_contrapositive; lra). lra.
    + specialize (Hsmall j Hj). intros Hsum.
      replace (dot X w (input X j)) with (- (e * dot X r (input X j))) in Hsmall by lra.
      rewrite Rabs_Ropp in Hsmall. lra.
Qed.

(** the features of all directions w span the functions on the data *)
Lemma feature_not_orthogonal (r : nat -> R) k0 : spread_inputs X -> (k0 < points X)%nat -> r k0 <> 0 ->
  exists w, \sum_(k < points X) (r k * relu (dot X w (input X k))) <> 0.
Proof.
  intros [Hnz Hpar] Hk0 Hr. set (x0 := input X k0).
  set (L := others (points X) [k0]).
  assert (HL : forall k, In k L -> (k < points X)%nat /\ k <> k0).
  { intros k Hk. apply in_others in Hk. destruct Hk as [Hk Hout]. split; [easy|].
    intros ->. apply Hout. now left. }
  destruct (generic_direction x0 L (Hnz k0 Hk0)) as (w & Hw0 & Hw).
  { intros k Hk. destruct (HL k Hk). apply Hpar; auto. }
  destruct (small_step L (fun k => dot X w (input X k)) (fun k => dot X x0 (input X k)) Hw) as (e & He & Hsmall).
  assert (H00 : 0 < dot X x0 x0).
  { destruct (Hnz k0 Hk0) as (i & Hi & Hx). now apply (dot_self_pos x0 i). }
  set (phi := fun s => \sum_(k < points X) (r k * relu (dot X (fun i => w i + s * x0 i) (input X k)))).
  (* the second difference sees x_0 alone *)
  assert (Hdiff : phi e + phi (- e) - 2 * phi 0 = r k0 * (e * dot X x0 x0)).
  { unfold phi. rewrite <- lsum_plus, <- lsum_scal, <- lsum_minus.
    rewrite <- (lsum_delta (points X) k0 (fun _ => r k0 * (e * dot X x0 x0)) Hk0).
    apply lsum_ext; intros k Hk. apply in_rng in Hk. rewrite !dot_combine.
    destruct (Nat.eqb_spec k0 k) as [<-|Hne].
    - fold x0. rewrite Hw0. rewrite (relu_pos (0 + e * _)) by nra. rewrite (relu_neg (0 + - e * _)) by nra.
      rewrite (relu_pos (0 + 0 * _)) by lra. ring.
    - assert (HkL : In k L) by (apply in_others; split; [easy|]; intros [E|[]]; congruence).
      specialize (Hsmall k HkL). cbv beta in Hsmall.
      set (a := dot X w (input X k)) in *. set (b := dot X x0 (input X k)) in *. clearbody a b.
      enough (relu (a + e * b) + relu (a + - e * b) - 2 * relu (a + 0 * b) = 0) by nra.
      replace (- e * b) with (- (e * b)) by ring. set (q := e * b) in *. clearbody q.
      revert Hsmall. unfold Rabs. repeat destruct Rcase_abs; intros; relu_cases; lra. }
  assert (Hne : phi e + phi (- e) - 2 * phi 0 <> 0).
  { rewrite Hdiff. apply Rmult_integral_contrapositive. split; [easy|]. nra. }
  destruct (Req_dec (phi e) 0) as [E1|E1]; [|eexists; exact E1].
  destruct (Req_dec (phi (- e)) 0) as [E2|E2]; [|eexists; exact E2].
  destruct (Req_dec (phi 0) 0) as [E3|E3]; [lra | eexists; exact E3].
Qed.

(** * N neurons fit anything *)

(** r rows whose features are linearly independent on the data *)
Definition independent (r : nat) (w : matrix) : Prop := forall a : nat -> R,
  (forall k, (k < points X)%nat -> \sum_(j < r) (a j * relu (dot X (w j) (input X k))) = 0) ->
  forall j, (j < r)%nat -> a j = 0.

Lemma sum_S n (F : nat -> R) : \sum_(j < S n) F j = \sum_(j < n) F j + F n.
Proof. rewrite seq_S, lsum_app. simpl. ring. Qed.

Lemma independent_rows r : spread_inputs X -> (r <= points X)%nat -> exists w, independent r w.
Proof.
  intros Hspread. induction r as [|r IH]; intros Hr.
  - exists (fun _ _ => 0). intros a _ j Hj. lia.
  - destruct IH as (w & Hw); [lia|].
    (* a function on the data orthogonal to the r features *)
    destruct (dependent r (seq 0 (points X)) (fun k j => relu (dot X (w j) (input X k)))) as (b & (k0 & Hk0 & Hb) & Hort).
    { apply seq_NoDup. } { rewrite seq_length. lia. }
    apply in_rng in Hk0. destruct (feature_not_orthogonal b k0 Hspread Hk0 Hb) as (w1 & Hw1).
    exists (fun j => if Nat.eqb j r then w1 else w j). intros a Ha.
    set (z := fun j k => relu (dot X ((if Nat.eqb j r then w1 else w j) : vector) (input X k))).
    assert (Hz : forall j k, (j < r)%nat -> z j k = relu (dot X (w j) (input X k))).
    { intros j k Hj. unfold z. destruct (Nat.eqb_spec j r); [lia | easy]. }
    assert (Hzr : forall k, z r k = relu (dot X w1 (input X k))) by (intros; unfold z; now rewrite Nat.eqb_refl).
    assert (Har : a r = 0).
    { assert (Hsum : \sum_(k < points X) (b k * \sum_(j < S r) (a j * z j k)) = 0).
      { apply lsum_zero. intros k Hk. apply in_rng in Hk. unfold z. rewrite (Ha k Hk). ring. }
      rewrite (lsum_ext _ _ (fun k => \sum_(j < r) (b k * (a j * z j k)) + a r * (b k * z r k))) in Hsum.
      2:{ intros k _. rewrite sum_S, Rmult_plus_distr_l, <- lsum_scal. ring. }
      rewrite lsum_plus, lsum_scal, lsum_swap, lsum_zero, Rplus_0_l in Hsum.
      - rewrite (lsum_ext _ (fun k => b k * z r k) (fun k => b k * relu (dot X w1 (input X k)))) in Hsum
          by (intros; now rewrite Hzr).
        apply Rmult_integral in Hsum. now destruct Hsum.
      - intros j Hj. apply in_rng in Hj.
        rewrite (lsum_ext _ _ (fun k => a j * (b k * relu (dot X (w j) (input X k)))))
          by (intros; rewrite Hz by easy; ring).
        rewrite lsum_scal, (Hort j Hj). ring. }
    intros j Hj. destruct (Nat.eq_dec j r) as [->|Hne]; [easy|]. apply (Hw a); [|lia].
    intros k Hk. rewrite <- (Ha k Hk), sum_S, Har, Rmult_0_l, Rplus_0_r.
    apply lsum_ext; intros i Hi. apply in_rng in Hi. now rewrite <- Hz.
Qed.

(** "l >= N: e(l) = 0" for l = N; more neurons do no worse *)
Theorem T4_interpolation (y : nat -> vector) : spread_inputs X ->
  exists w v, forall k c, (k < points X)%nat -> (c < outputs X)%nat -> two_layer X (points X) w v k c = y k c.
Proof.
  intros Hspread. set (N := points X). destruct (independent_rows N Hspread (Nat.le_refl _)) as (w & Hw).
  set (z := fun j k => relu (dot X (w j) (input X k))).
  assert (Hc : forall c, exists v : nat -> R, forall k, (k < N)%nat -> \sum_(j < N) (v j * z j k) = y k c).
  { intros c.
    destruct (dependent N (seq 0 (S N)) (fun j k => if Nat.eqb j N then y k c else z j k))
      as (a & (j0 & Hj0 & Haj0) & Hsum).
    { apply seq_NoDup. } { rewrite seq_length. lia. }
    assert (Hsum' : forall k, (k < N)%nat -> \sum_(j < N) (a j * z j k) + a N * y k c = 0).
    { intros k Hk. rewrite <- (Hsum k Hk), sum_S, Nat.eqb_refl. f_equal. apply lsum_ext; intros j Hj.
      apply in_rng in Hj. destruct (Nat.eqb_spec j N); [lia | easy]. }
    destruct (Req_dec (a N) 0) as [E|E].
    - exfalso. apply Haj0. apply in_rng in Hj0. destruct (Nat.eq_dec j0 N) as [->|Hne]; [easy|].
      apply (Hw a); [|lia]. intros k Hk. specialize (Hsum' k Hk). rewrite E in Hsum'. unfold z in Hsum'. lra.
    - exists (fun j => - (a j / a N)). intros k Hk. specialize (Hsum' k Hk).
      rewrite (lsum_ext _ _ (fun j => - / a N * (a j * z j k))) by (intros; field; easy).
      rewrite lsum_scal. apply (Rmult_eq_reg_l (a N)); [|easy].
      replace (a N * (- / a N * \sum_(j < N) (a j * z j k))) with (- \sum_(j < N) (a j * z j k)) by (field; easy).
      lra. }
  (* one readout column for every output *)
  assert (Hv : forall n, exists v : nat -> nat -> R, forall c, (c < n)%nat -> forall k, (k < N)%nat ->
    \sum_(j < N) (v c j * z j k) = y k c).
  { induction n as [|n (v & Hv)]; [exists (fun _ _ => 0); intros; lia|].
    destruct (Hc n) as (u & Hu). exists (fun c => if Nat.eqb c n then u else v c).
    intros c Hcn k Hk. destruct (Nat.eqb_spec c n) as [->|Hne]; [now apply Hu | apply Hv; [lia | easy]]. }
  destruct (Hv (outputs X)) as (v & HvX).
  exists w, (fun j c => v c j). intros k c Hk Hcp. now apply HvX.
Qed.
End FiniteSample.

(** * T4b: no valley at m >= N, squared error *)

Section Descent.
Variables (X : data) (m : nat) (B : branch).

Notation net := (parallel X m B).
Notation loss P := (squared X (net P)).

(** half the derivative of the loss in V_jc *)
Definition slope (P : param) (j c : nat) : R :=
  \sum_(k < points X) (weight X k * ((net P k c - target X k c) * feature X P k j)).

Definition bump (P : param) (j0 c0 : nat) (s : R) : matrix := fun j c =>
  V P j c + (if Nat.eqb j0 j then if Nat.eqb c0 c then s else 0 else 0).

Lemma bump_net P j0 c0 s k c : (j0 < m)%nat ->
  net (readout P (bump P j0 c0 s) (U P)) k c
  = net P k c + (if Nat.eqb c0 c then s * feature X P k j0 else 0).
Proof.
  intros Hj. unfold parallel.
  change (deep X m B (readout P (bump P j0 c0 s) (U P)) k c) with (deep X m B P k c).
  unfold skip. rewrite V_readout. unfold bump.
  rewrite (lsum_ext _ _ (fun j => V P j c * feature X P k j
     + (if Nat.eqb j0 j then if Nat.eqb c0 c then s * feature X P k j else 0 else 0))).
  - rewrite lsum_plus, (lsum_delta m j0 (fun j => if Nat.eqb c0 c then s * feature X P k j else 0) Hj). ring.
  - intros j _. rewrite feature_readout. destruct (Nat.eqb j0 j), (Nat.eqb c0 c); ring.
Qed.

(** a non-zero slope gives a strictly better readout *)
Lemma descend P j0 c0 : (j0 < m)%nat -> (c0 < outputs X)%nat -> slope P j0 c0 <> 0 ->
  exists s, loss (readout P (bump P j0 c0 s) (U P)) < loss P.
Proof.
  intros Hj Hc Hg. set (g := slope P j0 c0) in *.
  set (e := \sum_(k < points X) (weight X k * (feature X P k j0)^2)).
  assert (He : 0 <= e) by (apply sq_nonneg, weight_nonneg).
  assert (Hquad : forall s, loss (readout P (bump P j0 c0 s) (U P)) = loss P + 2 * s * g + s^2 * e).
  { intros s. unfold g, slope, e, squared. rewrite <- !lsum_scal, <- !lsum_plus.
    apply lsum_ext; intros k _.
    rewrite (lsum_ext _ _ (fun c => (net P k c - target X k c)^2 + (if Nat.eqb c0 c
      then 2 * s * ((net P k c - target X k c) * feature X P k j0) + s^2 * (feature X P k j0)^2 else 0))).
    - rewrite lsum_plus. rewrite (lsum_delta (outputs X) c0 (fun c => 2 * s * ((net P k c - target X k c)
        * feature X P k j0) + s^2 * (feature X P k j0)^2) Hc). ring.
    - intros c _. rewrite bump_net by easy. destruct (Nat.eqb c0 c); ring. }
  exists (- g / (e + 1)). rewrite Hquad.
  assert (Hq : 0 < g^2 / (e + 1)) by (apply Rmult_lt_0_compat; [nra | apply Rinv_0_lt_compat; lra]).
  replace (loss P + 2 * (- g / (e + 1)) * g + (- g / (e + 1))^2 * e)
    with (loss P - (g^2 / (e + 1)) * ((e + 2) / (e + 1))) by (field; lra).
  enough (0 < (e + 2) / (e + 1)) by nra. apply Rmult_lt_0_compat; [lra | apply Rinv_0_lt_compat; lra].
Qed.

Lemma descend_joined P j0 c0 : (j0 < m)%nat -> (c0 < outputs X)%nat -> slope P j0 c0 <> 0 ->
  exists P', joined (sublevel (fun P => loss P) (loss P)) P P' /\ loss P' < loss P.
Proof.
  intros Hj Hc Hg. destruct (descend P j0 c0 Hj Hc Hg) as (s & Hs).
  eexists. split; [|exact Hs].
  apply (readout_line X m B (squared X) (convex_max_at_ends _ (L7_squared X)) (loss P) P);
    unfold loss_of; lra.
Qed.

(** T4b: "every non-global theta has depth 0" *)
Theorem T4b_no_valley P f : (points X <= m)%nat -> spread_inputs X ->
  squared X f < loss P -> depth_at_most (fun P => loss P) P 0.
Proof.
  intros HNm Hspread Hbetter.
  (* an output and a point where the weighted residual is not 0 *)
  assert (Hres : exists k0 c0, (k0 < points X)%nat /\ (c0 < outputs X)%nat /\
    weight X k0 * (net P k0 c0 - target X k0 c0) <> 0).
  { assert (Hpos : loss P <> 0) by (pose proof (squared_nonneg X f); lra).
    destruct (nonzero_term _ _ Hpos) as (k & Hk & Hterm). apply in_rng in Hk.
    assert (Hinner : \sum_(c < outputs X) (net P k c - target X k c)^2 <> 0)
      by (intros E; rewrite E in Hterm; lra).
    destruct (nonzero_term _ _ Hinner) as (c & Hc & Hrc). apply in_rng in Hc.
    exists k, c. repeat split; try easy. apply Rmult_integral_contrapositive. split.
    - intros E. rewrite E in Hterm. lra.
    - intros E. rewrite E in Hrc. lra. }
  destruct Hres as (k0 & c0 & Hk0 & Hc0 & Hr0).
  set (r := fun k => weight X k * (net P k c0 - target X k c0)).
  (* if a slope is already non-zero, one readout line is enough *)
  destruct (Forall_Exists_dec (fun j => slope P j c0 = 0) (fun j => Req_EM_T _ _) (seq 0 m)) as [Hall|Hex].
  2:{ apply Exists_exists in Hex. destruct Hex as (j & Hj & Hg). apply in_rng in Hj.
      destruct (descend_joined P j c0 Hj Hc0 Hg) as (P' & Hpath & Hlt).
      apply (joined_depth _ P P'); [now rewrite Rplus_0_r | easy]. }
  rewrite Forall_forall in Hall.
  (* the m features and the residual are N + 1 functions on N points: a feature depends on the others *)
  destruct (dependent (points X) (seq 0 (S m))
    (fun j k => if Nat.eqb j m then net P k c0 - target X k c0 else feature X P k j))
    as (a & (i & Hi & Hai) & Hsum).
  { apply seq_NoDup. } { rewrite seq_length. lia. }
  assert (Hsum' : forall k, (k < points X)%nat ->
    \sum_(j < m) (a j * feature X P k j) + a m * (net P k c0 - target X k c0) = 0).
  { intros k Hk. rewrite <- (Hsum k Hk), sum_S, Nat.eqb_refl. f_equal. apply lsum_ext; intros j Hj.
    apply in_rng in Hj. destruct (Nat.eqb_spec j m); [lia | easy]. }
  assert (Ham : a m = 0).
  { assert (E : \sum_(k < points X) (r k * (\sum_(j < m) (a j * feature X P k j)
                  + a m * (net P k c0 - target X k c0))) = 0).
    { apply lsum_zero. intros k Hk. apply in_rng in Hk. rewrite (Hsum' k Hk). ring. }
    rewrite (lsum_ext _ _ (fun k => \sum_(j < m) (r k * (a j * feature X P k j))
      + a m * (weight X k * (net P k c0 - target X k c0)^2))) in E.
    2:{ intros k _. rewrite lsum_scal. unfold r. ring. }
    rewrite lsum_plus, lsum_swap, lsum_zero, Rplus_0_l, lsum_scal in E.
    - apply Rmult_integral in E. destruct E as [E|E]; [easy|]. exfalso.
      assert (Hk : weight X k0 * (net P k0 c0 - target X k0 c0)^2
                   <= \sum_(k < points X) (weight X k * (net P k c0 - target X k c0)^2)).
      { apply (lsum_term _ (fun k => weight X k * (net P k c0 - target X k c0)^2)).
        - intros j _. apply Rmult_le_pos; [apply weight_nonneg | apply pow2_ge_0].
        - now apply in_rng. }
      pose proof (weight_nonneg X k0) as Hw.
      assert (Hw0 : weight X k0 <> 0) by (intros Ew; apply Hr0; rewrite Ew; ring).
      assert (Hd0 : net P k0 c0 - target X k0 c0 <> 0) by (intros Ed; apply Hr0; rewrite Ed; ring).
      assert (0 < weight X k0 * (net P k0 c0 - target X k0 c0)^2) by (apply Rmult_lt_0_compat; nra).
      lra.
    - intros j Hj. specialize (Hall j Hj). unfold slope in Hall.
      rewrite (lsum_ext _ _ (fun k => a j * (weight X k * ((net P k c0 - target X k c0) * feature X P k j))))
        by (intros; unfold r; ring).
      rewrite lsum_scal, Hall. ring. }
  apply in_rng in Hi. assert (Him : (i < m)%nat).
  { destruct (Nat.eq_dec i m) as [->|]; [easy | lia]. }
  (* empty neuron i, turn it towards the residual, descend *)
  set (C := fun j b : nat => - (a b / a i)).
  assert (Hslots : slots m 1 [i]).
  { split; [repeat constructor; easy|]. split; [easy|]. intros j [<-|[]]. easy. }
  destruct (freed_by_span X m B P 1 [i] C Hslots) as [Hsame [Hpath Hsilent]].
  { intros j [<-|[]] k Hk. specialize (Hsum' k Hk). rewrite Ham, Rmult_0_l, Rplus_0_r in Hsum'.
    rewrite (lsum_split m [i] _ ltac:(repeat constructor; easy)) in Hsum' by (intros j [<-|[]]; easy).
    cbn [lsum] in Hsum'.
    rewrite (lsum_ext _ _ (fun b => - / a i * (if mem b [i] then 0 else a b * feature X P k b)))
      by (intros b _; unfold C; destruct (mem b [i]); field; easy).
    rewrite lsum_scal. set (s := \sum_(b < m) _) in *.
    apply (Rmult_eq_reg_l (a i)); [|easy]. replace (a i * (- / a i * s)) with (- s) by (field; easy). lra. }
  set (P1 := give P [i] C) in *.
  destruct (feature_not_orthogonal X r k0 Hspread Hk0 Hr0) as (w & Hw).
  set (P2 := load P1 [i] (fun _ => w)).
  assert (HP1 : forall t k c, (k < points X)%nat -> net (lin t P P1) k c = net P k c) by easy.
  assert (HP2 : forall k c, (k < points X)%nat -> net P2 k c = net P k c).
  { intros k c Hk. rewrite <- (lin_1 P1 P2). unfold P2. rewrite L9_silent by easy.
    rewrite <- (lin_1 P P1). now apply HP1. }
  assert (Hloss2 : loss P2 = loss P) by (apply squared_on_points; auto).
  assert (Hslope : slope P2 i c0 <> 0).
  { unfold slope. rewrite (lsum_ext _ _ (fun k => r k * relu (dot X w (input X k)))); [easy|].
    intros k Hk. apply in_rng in Hk. rewrite HP2 by easy. unfold r.
    replace (feature X P2 k i) with (relu (dot X w (input X k))); [ring|].
    unfold feature. f_equal. apply dot_ext. intros n. unfold P2, load; entries. simpl. now rewrite Nat.eqb_refl. }
  destruct (descend_joined P2 i c0 Him Hc0 Hslope) as (P3 & Hpath3 & Hlt).
  apply (joined_depth _ P P3); [rewrite Rplus_0_r | lra].
  apply (joined_step _ P P1).
  { intros t _. unfold sublevel. right. apply squared_on_points. intros k c Hk _. now apply HP1. }
  apply (joined_step _ P1 P2).
  { intros t _. unfold sublevel. right. apply squared_on_points. intros k c Hk _. unfold P2.
    rewrite L9_silent by easy. rewrite <- (lin_1 P P1). now apply HP1. }
  now rewrite <- Hloss2 at 1.
Qed.
End Descent.
